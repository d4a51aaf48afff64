#include "engineio/world.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <malloc.h>
#include <new>

// Sanitizers have an allocator of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// Counts this program's allocations, to check two promises: a sent frame allocates nothing, and an
// idle session holds little.
namespace {

std::size_t allocations = 0;
std::ptrdiff_t bytesHeld = 0;

std::ptrdiff_t blockBytes(void* block) {
    return static_cast<std::ptrdiff_t>(malloc_usable_size(block) + sizeof(std::size_t));
}

}  // namespace

void* operator new(std::size_t size) {
    void* block = std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    ++allocations;
    bytesHeld += blockBytes(block);
    return block;
}

void operator delete(void* block) noexcept {
    if (block == nullptr) return;
    bytesHeld -= blockBytes(block);
    std::free(block);
}

void operator delete(void* block, std::size_t) noexcept {
    operator delete(block);
}

using namespace parley;
using namespace parley::engineio;
using namespace parley::engineio::test;
using namespace std::chrono_literals;

namespace {

class SilentWire : public Wire {
public:
    void respond(RequestNumber, int, std::string_view, std::string body) override {
        lastBody = std::move(body);
    }
    void sendFrame(SocketNumber, const FramePtr&) override { ++frames; }
    void closeSocket(SocketNumber, std::uint16_t, std::string_view) override {}
    std::string lastBody;
    std::size_t frames = 0;
};

class SilentApplication : public Application {
public:
    void onOpen(ConnectionId session, const Handshake&) override { last = session; }
    void onMessage(ConnectionId, bool, std::string_view) override {}
    void onClose(ConnectionId, CloseReason) override {}
    ConnectionId last;
};

struct SilentWorld {
    Options options;
    ManualClock clock;
    SeededRandom random{7};
    SilentWire wire;
    SilentApplication application;
    Endpoint endpoint{options, LoopIndex{1}, clock, random, wire, application};
};

}  // namespace

TEST_CASE("sending to a WebSocket session allocates nothing, nor do heartbeats") {
    SilentWorld world;
    world.endpoint.onWebSocketOpen(1, {"4", "websocket", ""});
    const FramePtr frame = textFrame("4hello");
    const std::size_t before = allocations;
    for (int i = 0; i < 1000; ++i) world.endpoint.send(world.application.last, frame);
    for (int i = 0; i < 10; ++i) {
        world.clock.advance(25'000ms);
        world.endpoint.tick(world.clock.monotonic());
        world.endpoint.onWebSocketMessage(1, false, "3");
    }
    CHECK(allocations == before);
    CHECK(world.wire.frames == 1 + 1000 + 10);
}

TEST_CASE("a WebSocket session that idles costs at most 250 bytes") {
    constexpr int kSessions = 10'000;
    for (const bool upgraded : {false, true}) {
        CAPTURE(upgraded);
        SilentWorld world;
        const std::ptrdiff_t before = bytesHeld;
        for (int i = 1; i <= kSessions; ++i) {
            const auto socket = static_cast<SocketNumber>(i);
            Query query{"4", "websocket", ""};
            if (upgraded) {
                world.endpoint.onRequest({socket, "GET", "EIO=4&transport=polling", ""});
                query.sid = World::sidOf(world.wire.lastBody);
            }
            world.endpoint.onWebSocketOpen(socket, query);
            if (upgraded) world.endpoint.onWebSocketMessage(socket, false, "5");
        }
        REQUIRE(world.endpoint.sessionCount() == kSessions);
        REQUIRE(world.endpoint.transportOf(world.application.last) == TransportKind::webSocket);
        const std::ptrdiff_t each = (bytesHeld - before) / kSessions;
        CHECK(each <= 250);
        CHECK(each > 0);
    }
}

#endif
