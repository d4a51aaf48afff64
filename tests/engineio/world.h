#pragma once

#include <parley/core/clock.h>
#include <parley/core/json.h>
#include <parley/core/random.h>
#include <parley/engineio/endpoint.h>

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// An endpoint with a network that records and a clock that stands still.
namespace parley::engineio::test {

/// How records show a message.
inline std::string shown(bool binary, std::string_view message) {
    std::string out = binary ? "<binary>" : "";
    out += message;
    return out;
}

inline FramePtr text(std::string_view message) {
    FrameBuilder builder;
    builder.out() += '4';
    builder.out() += message;
    return builder.finish();
}

struct Answer {
    int status = 0;
    std::string contentType;
    std::string body;
};

struct Socket {
    std::vector<std::string> received;  ///< packets; binary ones with a leading "<binary>"
    std::optional<std::uint16_t> closeCode;
};

class RecordingWire : public Wire {
public:
    void respond(RequestNumber number, int status, std::string_view contentType,
                 std::string body) override {
        if (answers.contains(number)) ++answeredTwice;
        answers[number] = {status, std::string(contentType), std::move(body)};
    }
    void sendFrame(SocketNumber socket, const FramePtr& frame) override {
        if (sockets[socket].closeCode) ++sentAfterClose;
        sockets[socket].received.push_back(shown(frame->binary(), frame->payload()));
    }
    void writeFirst(SocketNumber socket) override { first.push_back(socket); }
    void closeSocket(SocketNumber socket, std::uint16_t code, std::string_view) override {
        if (sockets[socket].closeCode) ++sentAfterClose;
        sockets[socket].closeCode = code;
    }

    std::size_t unreadBytes(RequestNumber) override { return unread; }
    std::size_t backlogBytes(SocketNumber) override { return backlog; }

    std::size_t unread = 0;
    std::size_t backlog = 0;  // of every socket
    std::map<RequestNumber, Answer> answers;
    std::map<SocketNumber, Socket> sockets;
    std::vector<SocketNumber> first;  // of writeFirst
    int answeredTwice = 0;
    int sentAfterClose = 0;
};

/// Records every call; sends each message back when `echo` is on.
class RecordingApplication : public Application {
public:
    void onOpen(ConnectionId session, const Handshake& handshake) override {
        opened.push_back(session);
        queries.emplace_back(handshake.query);
        authorizations.emplace_back(handshake.credentials.authorization);
        cookies.emplace_back(handshake.credentials.cookie);
    }
    std::optional<Refusal> mayOpen(const Credentials&) override {
        ++askedToOpen;
        return notOpened;
    }
    bool mayUse(ConnectionId session, TransportKind by, const Credentials& credentials) override {
        std::string request = by == TransportKind::polling ? "polling " : "webSocket ";
        request += credentials.authorization;
        asked.emplace_back(session, request);
        return refused.empty() || credentials.authorization.find(refused) == std::string_view::npos;
    }
    void onMessage(ConnectionId session, bool binary, std::string_view message) override {
        messages.push_back(shown(binary, message));
        if (closeOn == message) endpoint->close(session);
        if (!echo) return;
        endpoint->send(session, binary ? binaryFrame(message) : text(message));
    }
    void onClose(ConnectionId session, CloseReason reason) override {
        closed.emplace_back(session, reason);
    }

    Endpoint* endpoint = nullptr;
    bool echo = true;
    std::string closeOn = "<never>";
    std::string refused;  // mayUse refuses an Authorization with this in it; empty: none
    std::optional<Refusal> notOpened;  // of mayOpen
    int askedToOpen = 0;               // likewise
    std::vector<ConnectionId> opened;
    // Of onOpen:
    std::vector<std::string> queries;
    std::vector<std::string> authorizations;
    std::vector<std::string> cookies;
    std::vector<std::string> messages;
    std::vector<std::pair<ConnectionId, std::string>> asked;  // of mayUse
    std::vector<std::pair<ConnectionId, CloseReason>> closed;
};

struct World {
    explicit World(Options with = {}, std::uint16_t loop = 3)
        : options(std::move(with)),
          endpoint(options, LoopIndex{loop}, clock, random, wire, application) {
        application.endpoint = &endpoint;
    }
    ~World() {
        CHECK(wire.answeredTwice == 0);
        CHECK(wire.sentAfterClose == 0);
    }

    RequestNumber request(std::string_view method, const std::string& query,
                          std::string_view body = {}, const Credentials& credentials = {}) {
        endpoint.onRequest({++lastRequest, method, query, body, credentials});
        return lastRequest;
    }
    /// The answer to a request; none while it is parked.
    std::optional<Answer> answer(RequestNumber number) const {
        const auto found = wire.answers.find(number);
        if (found == wire.answers.end()) return std::nullopt;
        return found->second;
    }
    Answer ask(std::string_view method, const std::string& query, std::string_view body = {},
               const Credentials& credentials = {}) {
        return answer(request(method, query, body, credentials)).value_or(Answer{});
    }

    std::string openPolling() {
        const Answer opened = ask("GET", "EIO=4&transport=polling");
        return sidOf(opened.body);
    }
    static std::string sidOf(const std::string& openPacket) {
        const auto data = parseJson(std::string_view(openPacket).substr(1));
        return data ? data->at("sid").get<std::string>() : std::string();
    }
    static std::string polling(const std::string& sid) {
        return "EIO=4&transport=polling&sid=" + sid;
    }
    RequestNumber poll(const std::string& sid) { return request("GET", polling(sid)); }
    Answer pollNow(const std::string& sid) { return ask("GET", polling(sid)); }
    Answer post(const std::string& sid, std::string_view body) {
        return ask("POST", polling(sid), body);
    }

    /// Opens a WebSocket as the network does: the check first.
    SocketNumber webSocket(const std::string& sid = {}) {
        const Query query{"4", "websocket", sid};
        ++lastSocket;
        wire.sockets[lastSocket];
        if (!endpoint.checkWebSocket(query)) endpoint.onWebSocketOpen(lastSocket, query);
        return lastSocket;
    }
    void say(SocketNumber socket, std::string_view text) {
        endpoint.onWebSocketMessage(socket, false, text);
    }
    /// The messages that the socket got since the last call.
    std::vector<std::string> heard(SocketNumber socket) {
        return std::exchange(wire.sockets[socket].received, {});
    }
    std::optional<std::uint16_t> closeCode(SocketNumber socket) {
        return wire.sockets[socket].closeCode;
    }
    /// A session on WebSocket from its start; its open packet has been read.
    SocketNumber openWebSocket() {
        const SocketNumber socket = webSocket();
        heard(socket);
        return socket;
    }

    void pass(std::chrono::milliseconds time) {
        clock.advance(time);
        endpoint.tick(clock.monotonic());
    }
    std::optional<CloseReason> closeReason() const {
        if (application.closed.empty()) return std::nullopt;
        return application.closed.back().second;
    }

    Options options;
    ManualClock clock;
    SeededRandom random{7};
    RecordingWire wire;
    RecordingApplication application;
    Endpoint endpoint;
    RequestNumber lastRequest = 0;
    SocketNumber lastSocket = 0;
};

using Packets = std::vector<std::string>;

}  // namespace parley::engineio::test
