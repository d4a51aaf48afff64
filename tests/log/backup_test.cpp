#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/log/backup.h>
#include <parley/log/verify.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <fstream>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace parley;
namespace fs = std::filesystem;

namespace {

std::set<std::string> filesIn(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

// An attacker who may drop triggers rewrites the past: only the hash chain shows it.
void rewriteHistory(Database& db) {
    db.sqlite().exec(
        "DROP TRIGGER event_never_updated;"
        "UPDATE event SET content = 'forged' WHERE position = 3");
}

struct Source {
    TempFolder folder;
    WrittenLog log{folder.path()};
    fs::path database = DataFolder::databaseIn(folder.path());
    TempFolder target;
};

}  // namespace

TEST_CASE("a backup made while another connection never stops writing is one good snapshot") {
    Source source;
    REQUIRE(source.log.append(2000, 1000));
    const auto before = source.log.head().position.value;
    std::atomic<bool> stop{false};
    std::atomic<bool> written{true};
    std::thread writer([&] {
        while (!stop && written) written = source.log.append(5);
    });
    const auto report = backUp(source.database, source.target / "copy.db", {});
    stop = true;
    writer.join();
    REQUIRE(written);
    REQUIRE(report.ok());
    CHECK(report->position.value >= before);
    CHECK(report->events == report->position.value);
    CHECK(filesIn(source.target.path()) == std::set<std::string>{"copy.db"});
    CHECK(report->bytes == static_cast<std::int64_t>(fs::file_size(source.target / "copy.db")));
    const auto again = verifyCopy(source.target / "copy.db", {});
    REQUIRE(again.ok());
    CHECK(again->hash == report->hash);
}

TEST_CASE("a backup does not replace a file unless it is told to") {
    Source source;
    REQUIRE(source.log.append(10));
    std::ofstream(source.target / "copy.db") << "precious";
    const auto refused = backUp(source.database, source.target / "copy.db", {});
    REQUIRE_FALSE(refused.ok());
    CHECK(fs::file_size(source.target / "copy.db") == 8);
    CopyOptions force;
    force.replace = true;
    const auto report = backUp(source.database, source.target / "copy.db", force);
    REQUIRE(report.ok());
    CHECK(report->position.value == 10);
}

TEST_CASE("the database itself is never the target of its backup") {
    Source source;
    REQUIRE(source.log.append(10));
    CopyOptions force;
    force.replace = true;
    fs::create_symlink(source.database, source.target / "link.db");
    for (const fs::path& target :
         {source.database, fs::path(source.database.string() + "-wal"), source.target / "link.db",
          source.folder / "../" / source.folder.path().filename() / "parley.db"}) {
        CAPTURE(target.string());
        CHECK_FALSE(backUp(source.database, target, force).ok());
    }
    CHECK(source.log.append(10));
    CHECK(verifyLog(source.log.db())->last.value == 20);
}

TEST_CASE("a log that does not verify gives no backup and leaves nothing behind") {
    Source source;
    REQUIRE(source.log.append(10));
    rewriteHistory(source.log.db());
    const auto refused = backUp(source.database, source.target / "copy.db", {});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("position 3") != std::string::npos);
    CHECK(filesIn(source.target.path()).empty());
}

TEST_CASE("a backup that is cancelled leaves nothing behind") {
    Source source;
    REQUIRE(source.log.append(1000, 1000));
    int looks = 0;
    CopyOptions options;
    SECTION("while it copies") {
        options.cancelled = [&] { return ++looks > 1; };
    }
    SECTION("while it verifies") {
        options.progress = [&](const CopyProgress& now) { looks = now.step == "verifying"; };
        options.cancelled = [&] { return looks == 1; };
    }
    const auto refused = backUp(source.database, source.target / "copy.db", options);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::shutting_down);
    CHECK(filesIn(source.target.path()).empty());
}

TEST_CASE("a check of a copy asks at every page whether it is cancelled") {
    Source source;
    REQUIRE(source.log.append(2000, 1000));
    const auto copied = backUp(source.database, source.target / "copy.db", {});
    REQUIRE(copied.ok());
    auto reader = Database::openReader(source.target / "copy.db");
    REQUIRE(reader.ok());
    std::int64_t asked = 0;
    (*reader)->interruptWhen([&] { return ++asked < 0; });
    REQUIRE(verifyStructure(**reader, true).ok());
    const auto pages = (*reader)->sqlite().execAndGet("PRAGMA page_count").getInt64();
    CHECK(asked >= pages / 2);  // some are in the connection's memory

    asked = 0;
    auto again = Database::openReader(source.target / "copy.db");
    REQUIRE(again.ok());
    (*again)->interruptWhen([&] { return ++asked > 3; });
    const auto cut = verifyStructure(**again, true);
    CHECK((!cut || *cut));
    CHECK(asked < pages / 2);
    CHECK_FALSE((*again)->mustStop());
}

TEST_CASE("what a killed backup left is removed by the next one, and nothing else is") {
    Source source;
    REQUIRE(source.log.append(10));
    const pid_t gone = ::fork();
    if (gone == 0) ::_exit(0);
    ::waitpid(gone, nullptr, 0);
    const auto stale = ".parley-copy." + std::to_string(gone) + ".part";
    const auto running = ".parley-copy.1.part";
    for (const std::string& name : {stale, std::string(running), std::string("notes.part")}) {
        std::ofstream(source.target / name) << "x";
    }
    REQUIRE(backUp(source.database, source.target / "copy.db", {}).ok());
    CHECK(filesIn(source.target.path()) == std::set<std::string>{"copy.db", running, "notes.part"});
}

TEST_CASE("a backup restored is the same log, and can be written to") {
    Source source;
    REQUIRE(source.log.append(100));
    const auto head = source.log.head();
    REQUIRE(backUp(source.database, source.target / "copy.db", {}).ok());
    const auto folder = DataFolder::own(source.target / "new/run");
    REQUIRE(folder.ok());
    const auto report = restore(source.target / "copy.db", **folder, {});
    REQUIRE(report.ok());
    CHECK(report->hash == head.hash);
    CHECK(filesIn(source.target / "new/run") == std::set<std::string>{"parley.db", "parley.lock"});
    auto restored = Database::openWriter((*folder)->database());
    REQUIRE(restored.ok());
    CHECK(verifyLog(**restored)->hash == head.hash);
}

TEST_CASE("a backup keeps the clients' sessions, a restore makes every client start afresh") {
    Source source;
    REQUIRE(source.log.append(10));
    source.log.db().sqlite().exec(
        "CREATE TABLE IF NOT EXISTS session (id INTEGER PRIMARY KEY, pid_hash BLOB NOT NULL UNIQUE,"
        " seen_at INTEGER NOT NULL, dashboard INTEGER) STRICT;"
        "INSERT INTO session (id, pid_hash, dropped_at, dashboard) VALUES (1, x'00', 0, NULL)");
    REQUIRE(backUp(source.database, source.target / "copy.db", {}).ok());
    const auto folder = DataFolder::own(source.target / "new");
    REQUIRE(folder.ok());
    REQUIRE(restore(source.target / "copy.db", **folder, {}).ok());
    const auto sessionsIn = [](const fs::path& file) {
        SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
        return db.execAndGet("SELECT count(*) FROM session").getInt();
    };
    CHECK(sessionsIn(source.target / "copy.db") == 1);
    CHECK(sessionsIn((*folder)->database()) == 0);
}

TEST_CASE("nothing is restored over a database, its WAL or from a damaged file") {
    Source source;
    // Enough that the middle of the file holds events, not the free part of a small table's page.
    REQUIRE(source.log.append(1000));
    REQUIRE(backUp(source.database, source.target / "copy.db", {}).ok());
    TempFolder into;
    const auto folder = DataFolder::own(into.path());
    REQUIRE(folder.ok());
    auto backup = source.target / "copy.db";
    std::set<std::string> left{"parley.lock"};
    SECTION("a database") {
        std::ofstream(into / "parley.db") << "x";
        left.insert("parley.db");
    }
    SECTION("a WAL alone") {
        std::ofstream(into / "parley.db-wal") << "x";
        left.insert("parley.db-wal");
    }
    SECTION("what another database's end was") {
        std::ofstream(into / "parley.head") << "x";
        left.insert("parley.head");
    }
    SECTION("bytes changed") {
        std::fstream file(backup, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(fs::file_size(backup) / 2));
        file << std::string(512, '\xA5');
    }
    SECTION("history rewritten") {
        SQLite::Database copy(backup.string(), SQLite::OPEN_READWRITE);
        copy.exec("DROP TRIGGER event_never_updated; UPDATE event SET at = at + 1");
    }
    SECTION("no database") {
        backup = source.target / "none.db";
    }
    SECTION("a foreign database") {
        backup = source.target / "foreign.db";
        SQLite::Database(backup.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
            .exec("CREATE TABLE t (x)");
    }
    CHECK_FALSE(restore(backup, **folder, {}).ok());
    CHECK(filesIn(into.path()) == left);
}

TEST_CASE("vacuum frees unused space and keeps the log") {
    TempFolder folder;
    const auto owned = DataFolder::own(folder.path());
    REQUIRE(owned.ok());
    LogHead head;
    {
        WrittenLog log(folder.path());
        REQUIRE(log.append(500));
        log.db().sqlite().exec(
            "CREATE TABLE ballast (x); INSERT INTO ballast VALUES (zeroblob(4000000));"
            "DROP TABLE ballast");
        head = log.head();
    }
    const auto report = vacuum(**owned, {});
    REQUIRE(report.ok());
    CHECK(report->bytesBefore > 4'000'000);
    CHECK(report->after.bytes < 1'000'000);
    CHECK(report->after.hash == head.hash);
    CHECK(filesIn(folder.path()) == std::set<std::string>{"parley.db", "parley.lock"});
    WrittenLog again(folder.path());
    CHECK(again.head().hash == head.hash);
}

TEST_CASE("vacuum changes nothing while somebody else has the database open") {
    TempFolder folder;
    const auto owned = DataFolder::own(folder.path());
    REQUIRE(owned.ok());
    WrittenLog log(folder.path());
    REQUIRE(log.append(10));
    const auto refused = vacuum(**owned, {});
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("open") != std::string::npos);
    CHECK(refused.error().code == ErrorCode::busy);
    CHECK(log.append(10));
    CHECK(verifyLog(log.db())->last.value == 20);
}

TEST_CASE("vacuum without room says so, and not that somebody has the database open") {
    Source source;
    REQUIRE(source.log.append(500, 1000));
    source.log.db().sqlite().exec("PRAGMA wal_checkpoint(PASSIVE)");
    REQUIRE(source.log.append(500, 1000));
    for (const char* name : {"parley.db", "parley.db-wal"}) {  // as a crash leaves them
        fs::copy_file(source.folder / name, source.target / name);
    }
    const auto owned = DataFolder::own(source.target.path());
    REQUIRE(owned.ok());
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto* const signal = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{fs::file_size(source.target / "parley.db"), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    const auto refused = vacuum(**owned, {});
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, signal);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::storage_full);
    CHECK(vacuum(**owned, {}).ok());
}

TEST_CASE("a statement that is interrupted ends with read_timeout and the connection lives on") {
    Source source;
    REQUIRE(source.log.append(10));
    auto reader = Database::openReader(source.database);
    REQUIRE(reader.ok());
    bool late = true;
    (*reader)->interruptWhen([&] { return late; });
    const auto endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    const auto cut = (*reader)->run([&] { (*reader)->sqlite().execAndGet(endless); });
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.error().code == ErrorCode::read_timeout);
    CHECK_FALSE((*reader)->mustStop());
    late = false;
    CHECK(verifyLog(**reader)->last.value == 10);
}
