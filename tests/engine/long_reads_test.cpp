#include "support/engine_world.h"

#include <parley/core/limits.h>
#include <parley/log/migrations.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <catch2/catch.hpp>

#include <atomic>

using namespace parley;
using namespace parley::test;
using std::chrono::milliseconds;

namespace {

// A read that would take many seconds.
constexpr const char* kLong =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000)"
    " SELECT count(*) FROM n, (SELECT max(position) FROM event)";

std::uintmax_t walBytes(const EngineWorld& running) {
    return std::filesystem::file_size(running.database().string() + "-wal");
}

void writeMegabytes(EngineWorld& running, int count) {
    for (int i = 0; i < count * 10; ++i) {
        running.say("c", "anna", std::string(100'000, 'x'));
        if (i % 10 == 9) running.settleWell();  // a commit for each megabyte
    }
}

}  // namespace

TEST_CASE("a read that takes too long is cut off, says so, and lets the WAL start again") {
    EngineOptions options;
    options.readTimeLimit = milliseconds(300);
    EngineWorld running(options);
    running.join("c", "anna");
    running.settleWell();

    std::atomic<bool> holding{false};
    std::atomic<bool> ended{false};
    ErrorCode code{};
    REQUIRE(running.engine().read([&](ReadContext& context) {
        const auto done = context.db->run([&] {
            auto& db = context.db->sqlite();
            db.exec("BEGIN");
            db.execAndGet("SELECT max(position) FROM event");
            holding = true;
            db.execAndGet(kLong);
        });
        code = done ? ErrorCode::internal : done.error().code;
        ended = true;
    }));
    REQUIRE(eventually([&] { return holding.load(); }));
    running.clock().advance(options.readTimeLimit + milliseconds(1));
    REQUIRE(eventually([&] { return ended.load(); }));
    CHECK(code == ErrorCode::read_timeout);
    CHECK(errorInfo(code).retry);
    REQUIRE(eventually([&] { return running.engine().counters().readsCut == 1; }));

    // If the reader still held its snapshot, all of this would stay in the WAL.
    writeMegabytes(running, 40);
    CHECK(walBytes(running) < 20'000'000);

    // The same thread serves the next read.
    std::atomic<std::int64_t> head{0};
    for (int i = 0; i < options.readers + 1; ++i) {
        REQUIRE(running.engine().read(
            [&](ReadContext& context) { head = context.messages.head()->value; }));
    }
    CHECK(eventually([&] { return head.load() > 400; }));
}

TEST_CASE("verify, export and rebuild --check beside a writing server do not make the WAL grow") {
    EngineWorld running;
    running.join("c", "anna");
    for (int i = 0; i < 20'000; ++i) {
        running.say("c-" + std::to_string(i % 5000), "anna", "a conversation of its own");
        if (i % 1000 == 999) running.settleWell();
    }

    // Between two of their reads they hold no snapshot: what was written meanwhile can be copied
    // back at once, and the WAL restarts. So it holds no more than is written in that time.
    SQLite::Database other(running.database().string(), SQLite::OPEN_READWRITE);
    constexpr int kWrites = 8;  // with more, export would find new events for ever
    int pauses = 0;
    const auto writeMeanwhile = [&] {
        if (++pauses > kWrites) return;
        writeMegabytes(running, 1);
        REQUIRE(eventually(
            [&] { return other.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0; }));
        CHECK(walBytes(running) == 0);
    };
    auto db = Database::openReader(running.database());
    REQUIRE(db.ok());

    const auto report = verifyLog(**db, [&](Position, Position) { writeMeanwhile(); });
    REQUIRE(report.ok());
    CHECK(report->good);
    CHECK(pauses >= 20'000 / limits::kWalkEvents);

    pauses = 0;
    const auto check = checkViews(**db, writeMeanwhile);
    REQUIRE(check.ok());
    CHECK(check->differences.empty());
    CHECK(pauses >= 20'000 / limits::kWalkEvents);
    CHECK(walBytes(running) < limits::kWalBytesWarn);
}
