#include "log/written_log.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <string>
#include <sys/resource.h>

using namespace parley;

namespace {

// How many write calls this thread has made; -1: the kernel does not count.
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

/// Limits the size of the files that this process writes, while it exists.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uintmax_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
        const rlimit limit{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_);
    }

private:
    rlimit before_{};
    void (*signal_)(int);
};

struct World {
    TempFolder folder;
    WrittenLog log{folder.path()};
};

}  // namespace

TEST_CASE("a commit of some pages is one write to the WAL") {
    World world;
    REQUIRE(world.log.append(1));  // the WAL begins with a header of its own
    const long before = writesOfThisThread();
    if (before < 0) {
        WARN("this kernel counts no write calls (/proc/self/io): nothing was checked");
        return;
    }
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

TEST_CASE("a rolled back transaction leaves nothing, and the next commit takes its place") {
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

TEST_CASE("a WAL that reaches a file-size limit is a full disk, until the limit is lifted") {
    World world;
    auto& db = world.log.db();
    REQUIRE(world.log.append(3));
    const auto wal = DataFolder::databaseIn(world.folder.path()).string() + "-wal";
    {
        const FileSizeLimit limit(std::filesystem::file_size(wal) + 20'000);
        db.sqlite().exec("BEGIN IMMEDIATE");
        db.sqlite().exec("CREATE TABLE filler (i INTEGER PRIMARY KEY, bytes BLOB)");
        fill(db, 100);
        const auto full = db.commit();
        REQUIRE_FALSE(full.ok());
        CHECK(full.error().code == ErrorCode::storage_full);
        CHECK(full.error().message.find("ulimit -f") != std::string::npos);
        CHECK_FALSE(db.mustStop());
        db.rollback();
    }
    REQUIRE(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'filler'") == 0);
    db.sqlite().exec("CREATE TABLE filler (i INTEGER PRIMARY KEY, bytes BLOB)");
    fill(db, 100);
    REQUIRE(text(db, "PRAGMA integrity_check") == "ok");
}

TEST_CASE("a database file that reaches a file-size limit in a checkpoint is a full disk too") {
    World world;
    auto& db = world.log.db();
    db.sqlite().exec("PRAGMA wal_autocheckpoint = 0");
    db.sqlite().exec("CREATE TABLE filler (i INTEGER PRIMARY KEY, bytes BLOB)");
    fill(db, 100);
    const auto file = DataFolder::databaseIn(world.folder.path());
    const auto checkpoint = [&] {
        return db.run([&] { db.sqlite().exec("PRAGMA wal_checkpoint"); });
    };
    {
        const FileSizeLimit limit(std::filesystem::file_size(file) + 1000);
        const auto full = checkpoint();
        REQUIRE_FALSE(full.ok());
        CHECK(full.error().code == ErrorCode::storage_full);
        CHECK_FALSE(db.mustStop());
    }
    REQUIRE(checkpoint().ok());
    REQUIRE(std::filesystem::file_size(file) > 100 * 3000);
    REQUIRE(text(db, "PRAGMA integrity_check") == "ok");
}
