#include "engineio/world.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;
using namespace std::chrono_literals;

namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::size_t below(std::size_t bound) {
        std::uint8_t bytes[4];
        random_.fill(bytes);
        const std::size_t value = static_cast<std::size_t>(bytes[0]) << 16 |
                                  static_cast<std::size_t>(bytes[1]) << 8 | bytes[2];
        return value % bound;
    }
    template <typename T>
    const T& oneOf(const std::vector<T>& values) {
        return values[below(values.size())];
    }

private:
    SeededRandom random_;
};

const std::vector<std::string> kPackets{"4hello",
                                        "4bye",
                                        "3",
                                        "5",
                                        "2probe",
                                        "2",
                                        "1",
                                        "abc",
                                        "4x\x1e"
                                        "4y",
                                        "bAQIDBA==",
                                        "6",
                                        ""};

}  // namespace

// Clients do anything at any time. The world's destructor checks that no request is answered twice
// and nothing is sent to a closed socket; builds with sanitizers check the rest.
TEST_CASE("with any client behaviour, every request gets one reply and every session one end") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        Dice dice(seed);
        Options options;
        options.pingInterval = 300ms;
        options.pingTimeout = 200ms;
        options.upgradeTimeout = 100ms;
        options.queueBytesMax = 400;
        options.stalled = 250ms;
        options.maxPayloadBytes = 60;
        options.sessionsMax = 20;
        World world(options);
        world.application.closeOn = "bye";
        std::vector<std::string> sids{"none"};
        std::vector<SocketNumber> sockets{0};
        std::set<RequestNumber> aborted;

        for (int step = 0; step < 1000; ++step) {
            const std::string& sid = dice.oneOf(sids);
            const SocketNumber socket = dice.oneOf(sockets);
            switch (dice.below(10)) {
                case 0: {
                    const Answer opened = world.ask("GET", "EIO=4&transport=polling");
                    if (opened.status == 200) sids.push_back(World::sidOf(opened.body));
                    break;
                }
                case 1: sockets.push_back(world.webSocket(dice.below(3) == 0 ? "" : sid)); break;
                case 2: world.poll(sid); break;
                case 3: world.post(sid, dice.oneOf(kPackets)); break;
                case 4:
                case 5:
                    if (world.closeCode(socket)) break;
                    world.endpoint.onWebSocketMessage(socket, dice.below(8) == 0,
                                                      dice.oneOf(kPackets));
                    break;
                case 6:
                    if (dice.below(4) != 0 || world.closeCode(socket)) break;
                    world.endpoint.onWebSocketClosed(socket, dice.below(2) == 0
                                                                 ? CloseReason::transportError
                                                                 : CloseReason::transportClose);
                    std::erase(sockets, socket);
                    sockets.push_back(0);
                    break;
                case 7: {
                    const RequestNumber request = dice.below(world.lastRequest + 1);
                    if (dice.below(4) != 0 || world.answer(request)) break;
                    world.endpoint.onRequestAborted(request);
                    aborted.insert(request);
                    break;
                }
                case 8:
                    for (const ConnectionId session : world.application.opened) {
                        if (dice.below(3) == 0) world.endpoint.send(session, text("to all"));
                        if (dice.below(50) == 0) world.endpoint.close(session);
                    }
                    break;
                default: world.pass(std::chrono::milliseconds(dice.below(60))); break;
            }
        }
        world.endpoint.closeAll();
        world.pass(30'000ms);

        CHECK(world.endpoint.sessionCount() == 0);
        CHECK_FALSE(world.endpoint.nextDeadline());
        for (RequestNumber request = 1; request <= world.lastRequest; ++request) {
            CHECK(world.answer(request).has_value() != aborted.contains(request));
        }
        std::set<ConnectionId> ended;
        for (const auto& [session, reason] : world.application.closed) {
            CHECK(ended.insert(session).second);
        }
        CHECK(ended.size() == world.application.opened.size());
    }
}
