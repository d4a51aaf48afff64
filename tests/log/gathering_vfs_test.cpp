#include <fstream>
#include <string>

#include <catch2/catch.hpp>

#include "log/written_log.h"
#include "support/temp_folder.h"

using namespace parley;

namespace {

// How often this thread has asked the system to write.
long writesOfThisThread() {
    std::ifstream counts("/proc/thread-self/io");
    std::string name;
    long value = 0;
    while (counts >> name >> value) {
        if (name == "syscw:") return value;
    }
    return -1;
}

std::int64_t number(Database& db, const std::string& sql) {
    return db.sqlite().execAndGet(sql).getInt64();
}

std::string text(Database& db, const std::string& sql) {
    return db.sqlite().execAndGet(sql).getString();
}

void fill(Database& db, int rows) {
    db.sqlite().exec("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                     std::to_string(rows) +
                     ") INSERT INTO filler SELECT i, randomblob(3000) FROM n");
}

struct World {
    TempFolder folder;
    WrittenLog log{folder.path()};
};

}  // namespace

TEST_CASE("a commit of some pages is one write to the WAL") {
    World world;
    REQUIRE(world.log.append(1));  // the WAL begins with a header of its own
    const long before = writesOfThisThread();
    if (before < 0) return;  // a kernel that does not count
    REQUIRE(world.log.append(4));
    REQUIRE(writesOfThisThread() - before == 1);
}

TEST_CASE("another connection sees each commit at once, small or large") {
    World world;
    auto reader = Database::openReader(DataFolder::databaseIn(world.folder.path()));
    REQUIRE(reader.ok());
    const auto seen = [&] { return number(**reader, "SELECT count(*) FROM event"); };
    REQUIRE(world.log.append(1));
    REQUIRE(seen() == 1);
    REQUIRE(world.log.append(500, 1000));
    REQUIRE(seen() == 501);
    REQUIRE(world.log.append(1));
    REQUIRE(seen() == 502);
    REQUIRE(text(**reader, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("a transaction larger than the cache is written, read and written over again") {
    World world;
    auto& db = world.log.db();
    db.sqlite().exec("CREATE TABLE filler (i INTEGER PRIMARY KEY, bytes BLOB)");
    db.sqlite().exec("PRAGMA cache_size = 10");  // pages leave for the WAL before the commit
    REQUIRE(db.begin().ok());
    fill(db, 300);
    REQUIRE(number(db, "SELECT sum(length(bytes)) FROM filler") == 300 * 3000);
    db.sqlite().exec("UPDATE filler SET bytes = zeroblob(3000) WHERE i % 3 = 0");
    REQUIRE(db.commit().ok());

    auto reader = Database::openReader(DataFolder::databaseIn(world.folder.path()));
    REQUIRE(reader.ok());
    REQUIRE(number(**reader, "SELECT count(*) FROM filler WHERE bytes = zeroblob(3000)") == 100);
    REQUIRE(text(**reader, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("what was rolled back leaves nothing, and the next commit takes its place") {
    World world;
    auto& db = world.log.db();
    db.sqlite().exec("CREATE TABLE filler (i INTEGER PRIMARY KEY, bytes BLOB)");
    db.sqlite().exec("PRAGMA cache_size = 10");
    REQUIRE(db.begin().ok());
    fill(db, 100);
    db.rollback();
    REQUIRE(world.log.append(3));

    auto again = Database::openReader(DataFolder::databaseIn(world.folder.path()));
    REQUIRE(again.ok());
    REQUIRE(number(**again, "SELECT count(*) FROM filler") == 0);
    REQUIRE(number(**again, "SELECT count(*) FROM event") == 3);
    REQUIRE(text(**again, "PRAGMA integrity_check") == "ok");
}
