#include "gateway/loop_world.h"

#include <parley/core/limits.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>
#include <unistd.h>

using namespace parley;

namespace {

class NoSink final : public OutcomeSink {
public:
    void publish(BatchOutcome) override {}
};

Request barrier() {
    Origin origin;
    origin.connection = ConnectionId{1};
    return {origin, Barrier{}};
}

struct World {
    World() {
        EngineOptions engineOptions;
        engineOptions.dataFolder = folder;
        auto opened = Engine::open(engineOptions, clock, random, sink);
        REQUIRE(opened.ok());
        engine = std::move(*opened);
        shared.engine = engine.get();
        shared.requests = engine.get();
        shared.server = &server;
    }
    ~World() {
        engine.reset();
        std::filesystem::remove_all(folder);
    }

    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / ("parley-mailbox-" + std::to_string(::getpid()));
    SystemClock clock;
    SystemRandom random;
    NoSink sink;
    GatewayOptions options;
    test::LoadedServer server;
    std::unique_ptr<Engine> engine;
    GatewayState shared{options, clock};
};

}  // namespace

TEST_CASE("while a loop has too much waiting, requests get busy and none is taken") {
    World world;
    const auto refusal = [&](net::MailboxLoad load) {
        world.server.load = load;
        auto taken = submit(world.shared, barrier());
        return taken ? std::string("taken") : std::string(taken.error().name());
    };
    CHECK(refusal({limits::kMailboxTasksMax, limits::kMailboxBytesMax}) == "taken");
    CHECK(refusal({limits::kMailboxTasksMax + 1, 0}) == "busy");
    CHECK(refusal({0, limits::kMailboxBytesMax + 1}) == "busy");
    CHECK(world.shared.requestsBusy.load() == 2);
    CHECK(refusal({}) == "taken");
    CHECK(world.shared.requestsInFlight.load() == 2);
}

TEST_CASE("requests are taken while the server drains, until they are refused") {
    World world;
    world.shared.draining.store(true);
    CHECK(submit(world.shared, barrier()).ok());
    world.shared.refusing.store(true);
    const auto refused = submit(world.shared, barrier());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::shutting_down);
    CHECK(world.shared.requestsInFlight.load() == 1);
}
