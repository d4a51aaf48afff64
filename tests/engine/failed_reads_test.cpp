// A read that throws ends that read alone.
#include "support/engine_world.h"

#include <catch2/catch.hpp>

#include <future>
#include <memory>
#include <new>
#include <system_error>

using namespace parley;
using namespace parley::test;

namespace {

struct World {
    EngineWorld running{oneReader()};

    static EngineOptions oneReader() {
        EngineOptions options;
        options.readers = 1;
        return options;
    }
    /// The error that a job which throws is reported with.
    Error failureOf(ReaderPool::Job job) {
        const auto told = std::make_shared<std::promise<Error>>();
        auto error = told->get_future();
        REQUIRE(running.engine().read(std::move(job), {1},
                                      [told](const Error& failed) { told->set_value(failed); }));
        REQUIRE(error.wait_for(std::chrono::minutes(1)) == std::future_status::ready);
        return error.get();
    }
    /// The messages of a conversation, as the one reader sees them now.
    std::size_t messagesSeen(const std::string& conversation) {
        const auto seen = std::make_shared<std::promise<std::size_t>>();
        auto count = seen->get_future();
        REQUIRE(running.engine().read([seen, conversation](ReadContext& context) {
            const auto row = context.views.row(ConversationId::fromStored(conversation),
                                               Viewer::of({}, UserRole::supervisor));
            seen->set_value(row && *row ? static_cast<std::size_t>((*row)->figures.messageCount)
                                        : 0);
        }));
        REQUIRE(count.wait_for(std::chrono::minutes(1)) == std::future_status::ready);
        return count.get();
    }
};

}  // namespace

TEST_CASE("a read that throws anything is refused as internal, and its reader continues") {
    World world;
    world.running.join("c", "anna");
    world.running.settleWell();
    const std::vector<ReaderPool::Job> jobs{
        [](ReadContext&) { throw std::bad_alloc(); },
        [](ReadContext&) { throw std::system_error(std::make_error_code(std::errc::io_error)); },
        [](ReadContext&) { throw 7; },
    };
    for (const auto& job : jobs) {
        CHECK(world.failureOf(job).code == ErrorCode::internal);
        CHECK(world.messagesSeen("c") == 0);
    }
    CHECK(world.running.engine().counters().readsFailed == jobs.size());
    // Also where no handler for failures is given.
    REQUIRE(world.running.engine().read([](ReadContext&) { throw std::bad_alloc(); }));
    CHECK(eventually([&] { return world.running.engine().counters().readsFailed == 4; }));
}

TEST_CASE("a reader whose read threw between rows sees later writes") {
    World world;
    world.running.join("c", "anna");
    for (int i = 0; i < 5; ++i) world.running.say("c", "anna", "before");
    world.running.settleWell();
    const auto inTheMidst = [](ReadContext& context) {
        const auto key = context.keys.find(ConversationId::fromStored("c"));
        static_cast<void>(
            context.messages.read(**key, {}, Viewer::of({}, UserRole::supervisor),
                                  [](const Event&) -> bool { throw std::bad_alloc(); }));
    };
    CHECK(world.failureOf(inTheMidst).code == ErrorCode::internal);
    world.running.say("c", "anna", "after");
    world.running.settleWell();
    CHECK(world.messagesSeen("c") == 6);
    // Its snapshot has ended, too: the whole WAL can be copied back and truncated once the writer
    // is idle.
    SQLite::Database other(world.running.database().string(), SQLite::OPEN_READWRITE);
    CHECK(eventually(
        [&] { return other.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0; }));
}
