#include "fuzz/fuzz.h"

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/engineio/endpoint.h>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace parley;
using namespace parley::engineio;

namespace {

constexpr std::string_view kRefused = "Bearer refused";

struct Echo final : Application {
    void onOpen(ConnectionId session, const Handshake&) override {
        fuzz::require(open.insert(session).second, "a session opens once");
    }
    bool mayUse(ConnectionId session, TransportKind, const Credentials& credentials) override {
        fuzz::require(open.contains(session), "only open sessions are asked about");
        return credentials.authorization != kRefused;
    }
    void onMessage(ConnectionId session, bool binary, std::string_view message) override {
        fuzz::require(!refusing, "nothing of a refused request is read");
        fuzz::require(open.contains(session), "only open sessions speak");
        if (message == "close") return server->close(session);
        FrameBuilder builder;
        if (!binary) builder.out() += '4';
        builder.out() += message;
        server->send(session, binary ? builder.finishBinary() : builder.finish());
    }
    void onClose(ConnectionId session, CloseReason reason) override {
        fuzz::require(!refusing || reason == CloseReason::pingTimeout,
                      "a refused request ends no session");
        fuzz::require(open.erase(session) == 1, "an open session closes, once");
    }
    Endpoint* server = nullptr;
    std::set<ConnectionId> open;
    bool refusing = false;  // a request is handed over that mayUse refuses
};

struct Network final : Wire {
    void respond(RequestNumber request, int status, std::string_view, std::string body) override {
        fuzz::require(waiting.erase(request) == 1, "a request is answered once");
        const auto sid = body.find("\"sid\":\"");
        if (status == 200 && body.starts_with('0') && sid != std::string::npos) {
            sids.push_back(body.substr(sid + 7, body.find('"', sid + 7) - sid - 7));
        }
    }
    void sendFrame(SocketNumber socket, const FramePtr& frame) override {
        fuzz::require(sockets.contains(socket), "nothing is sent to a socket that is closed");
        fuzz::require(!frame->webSocket().empty(), "a frame has bytes");
    }
    void closeSocket(SocketNumber socket, std::uint16_t, std::string_view) override {
        fuzz::require(sockets.erase(socket) == 1, "a socket is closed once");
    }
    std::set<RequestNumber> waiting;
    std::set<SocketNumber> sockets;
    std::vector<std::string> sids{"none"};
};

/// Clients that follow the fuzzer's bytes; each step is a letter and its arguments.
class World {
public:
    World() { echo_.server = &server_; }

    void step(fuzz::Input& input) {
        switch (input.below(10)) {
            case 0: return ask("GET", "EIO=4&transport=polling", {});
            case 1: return ask("GET", "EIO=4&transport=polling&sid=" + sid(input), {});
            case 2: {
                const std::string query = "EIO=4&transport=polling&sid=" + sid(input);
                return ask("POST", query, input.line());
            }
            case 3: return openSocket(input.below(2) == 0 ? "" : sid(input));
            case 4: return say(input);
            case 5: return leave(input);
            case 6: return ask("GET", input.line(), {});
            case 7: {
                if (input.below(2) == 0) return beginPost(sid(input));
                return server_.onPostEnds(sid(input));
            }
            case 8: return server_.onWebSocketPaused(socket(input), input.below(2) == 0);
            default: clock_.advance(std::chrono::milliseconds(input.below(64))); return tick();
        }
    }

    void end() {
        server_.closeAll();
        clock_.advance(std::chrono::minutes(2));
        tick();
        tick();
        fuzz::require(echo_.open.empty() && server_.sessionCount() == 0, "every session ends");
        fuzz::require(network_.waiting.empty(), "every request is answered");
        fuzz::require(!server_.nextDeadline(), "no timer outlives its session");
    }

private:
    void tick() { server_.tick(clock_.monotonic()); }
    const std::string& sid(fuzz::Input& input) {
        return network_.sids[input.below(network_.sids.size())];
    }
    void ask(std::string_view method, const std::string_view query, std::string_view body) {
        network_.waiting.insert(++lastRequest_);
        // By the count, so that the bytes of the corpus keep their meaning.
        echo_.refusing = lastRequest_ % 7 == 0;
        server_.onRequest({lastRequest_, method, query, body, credentials()});
        echo_.refusing = false;
    }
    Credentials credentials() const { return {echo_.refusing ? kRefused : "", {}}; }
    void beginPost(const std::string& sid) {
        echo_.refusing = ++lastPost_ % 7 == 0;
        server_.onPostBegins(sid, credentials());
        echo_.refusing = false;
    }
    void openSocket(const std::string& sid) {
        const Query query{"4", "websocket", sid};
        if (server_.checkWebSocket(query)) return;
        network_.sockets.insert(++lastSocket_);
        server_.onWebSocketOpen(lastSocket_, query);
    }
    SocketNumber socket(fuzz::Input& input) {
        const auto number = static_cast<SocketNumber>(input.below(16)) + 1;
        return network_.sockets.contains(number) ? number : 0;
    }
    void say(fuzz::Input& input) {
        const SocketNumber number = socket(input);
        const bool binary = input.below(4) == 0;
        server_.onWebSocketMessage(number, binary, input.line());
    }
    void leave(fuzz::Input& input) {
        if (input.below(2) == 0) {
            const SocketNumber number = socket(input);
            network_.sockets.erase(number);
            return server_.onWebSocketClosed(number, input.below(2) == 0
                                                         ? CloseReason::transportError
                                                         : CloseReason::transportClose);
        }
        const auto number = static_cast<RequestNumber>(input.byte());
        if (network_.waiting.erase(number) != 0) server_.onRequestAborted(number);
    }

    static Options options() {
        Options some;
        some.pingInterval = std::chrono::milliseconds(300);
        some.pingTimeout = std::chrono::milliseconds(200);
        some.upgradeTimeout = std::chrono::milliseconds(100);
        some.queueBytesMax = 400;
        some.stalled = std::chrono::milliseconds(250);
        some.maxPayloadBytes = 60;
        some.sessionsMax = 5;
        return some;
    }

    const Options options_ = options();
    ManualClock clock_;
    SeededRandom random_{7};
    Network network_;
    Echo echo_;
    Endpoint server_{options_, LoopIndex{3}, clock_, random_, network_, echo_};
    RequestNumber lastRequest_ = 0;
    std::uint64_t lastPost_ = 0;
    SocketNumber lastSocket_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    World world;
    while (!input.empty()) world.step(input);
    world.end();
    return 0;
}
