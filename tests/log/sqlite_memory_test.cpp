#include <parley/log/sqlite_memory.h>

#include <SQLiteCpp/Database.h>
#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <optional>
#include <thread>

namespace parley {
namespace {

constexpr std::uint64_t kMebibyte = 1024 * 1024;
constexpr std::uint64_t kSlack = 64 * 1024;  // schemas, statements

}  // namespace

TEST_CASE("SQLite's memory is counted without SQLite's lock", "[sqlite_memory]") {
    const auto before = sqliteMemoryBytes();
    std::optional<SQLite::Database> db(std::in_place,
                                       ":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    db->exec("CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(4194304))");
    const auto held = sqliteMemoryBytes();
    CHECK(held >= before + 4 * kMebibyte);
    CHECK(sqlite3_memory_used() == 0);

    SECTION("what another thread frees is taken off") {
        std::thread([&] { db.reset(); }).join();
        CHECK(sqliteMemoryBytes() <= before + kSlack);
    }
    SECTION("what becomes larger is counted anew") {
        void* text = sqlite3_malloc(1024);
        text = sqlite3_realloc(text, 2 * kMebibyte);
        CHECK(sqliteMemoryBytes() >= held + 2 * kMebibyte);
        sqlite3_free(text);
        CHECK(sqliteMemoryBytes() <= held + kSlack);
    }
}

}  // namespace parley
