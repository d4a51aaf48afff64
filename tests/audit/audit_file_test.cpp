// Which files are taken for an audit.db of a log, and which are built anew.
#include "audit/audit_file.h"

#include "audit/audit_log.h"
#include "support/temp_folder.h"

#include <parley/audit/build.h>
#include <parley/log/migrations.h>

#include <fstream>
#include <random>

using namespace parley;
using namespace parley::test;

namespace {

struct Built {
    Built() : file(DataFolder::auditIn(folder.path())) {
        std::mt19937 random(5);
        live(life, random, 300);
        REQUIRE(audit::build(life.db(), file, ManualClock()).ok());
        content = contentOf(file);
    }
    /// The error of opening it; nothing where it is taken as it is.
    std::optional<Error> refused() {
        auto opened = audit::AuditFile::open(file, life.db(), ManualClock());
        return opened ? std::nullopt : std::optional(opened.error());
    }
    void change(const char* sql) {
        SQLite::Database db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        db.exec(sql);
    }

    StoredLife life;
    TempFolder folder;
    std::filesystem::path file;
    std::vector<std::string> content;
};

void checkBuiltAnew(Built& built) {
    const auto refused = built.refused();
    REQUIRE(refused);
    CHECK(refused->code == ErrorCode::storage_damaged);
    REQUIRE(audit::bringUpToDate(built.life.db(), built.file, ManualClock()).ok());
    CHECK(contentOf(built.file) == built.content);
}

}  // namespace

TEST_CASE("an audit.db of this log is opened as it is") {
    Built built;
    CHECK_FALSE(built.refused());
}

TEST_CASE("an audit.db that cannot be used is built anew") {
    Built built;
    SECTION("garbage") {
        REQUIRE(removeDatabase(built.file).ok());  // a WAL may hold every page
        std::ofstream(built.file) << std::string(10'000, 'x');
    }
    SECTION("the database of another program") {
        REQUIRE(removeDatabase(built.file).ok());
        built.change("PRAGMA application_id = 7; CREATE TABLE t (a)");
    }
    SECTION("cut short") {
        std::filesystem::resize_file(built.file, std::filesystem::file_size(built.file) / 2);
    }
    SECTION("damaged in the middle") {
        std::fstream file(built.file, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096 * 6);
        file << std::string(4096, 'x');
    }
    SECTION("of another schema") {
        built.change("UPDATE schema_migration SET sha256 = 'x'");
    }
    SECTION("without one of its tables") {
        built.change("DROP TABLE stay");
    }
    SECTION("without its position") {
        built.change("DELETE FROM follower");
    }
    SECTION("of another log") {
        built.change("UPDATE follower SET head_hash = randomblob(32)");
    }
    SECTION("ahead of the log") {
        built.change("UPDATE follower SET position = 100000");
    }
    SECTION("with other numbers for ids") {
        built.change("UPDATE user_text SET id = id || 'x'");
    }
    checkBuiltAnew(built);
}

TEST_CASE("an audit.db of the log as it was earlier is brought up to date") {
    Built built;
    std::mt19937 random(6);
    live(built.life, random, 100);
    CHECK_FALSE(built.refused());
    REQUIRE(audit::bringUpToDate(built.life.db(), built.file, ManualClock()).ok());
    const auto followed = contentOf(built.file);
    CHECK(followed != built.content);
    REQUIRE(audit::build(built.life.db(), built.file, ManualClock()).ok());
    CHECK(contentOf(built.file) == followed);
}

TEST_CASE("a check finds what a rebuild would not give") {
    Built built;
    const auto scratch = built.folder / "scratch";
    const auto check = [&] {
        auto found = audit::check(built.life.db(), built.file, scratch, ManualClock());
        REQUIRE(found.ok());
        CHECK_FALSE(std::filesystem::exists(scratch));
        return found->differences;
    };
    CHECK(check().empty());
    built.change("UPDATE stay SET role = 2 WHERE role = 1; INSERT INTO user_text VALUES (99, 'x')");
    const auto differences = check();
    REQUIRE(differences.size() == 2);
    CHECK(differences[0].starts_with("user_text: 1 rows that a rebuild does not give"));
    CHECK(differences[1].starts_with("stay: "));
}

TEST_CASE("a transaction that fails leaves audit.db as it was") {
    Built built;
    std::mt19937 random(8);
    live(built.life, random, 100);
    auto file = audit::AuditFile::open(built.file, built.life.db(), ManualClock());
    REQUIRE(file.ok());
    audit::LogChunk chunk;
    REQUIRE(audit::readChunk(built.life.db(), (*file)->reached(), 4096, chunk).ok());
    const auto good = chunk;
    chunk.users.emplace_back(UserKey{1}, "u0");  // is there already
    CHECK_FALSE((*file)->write(chunk).ok());
    CHECK(contentOf(built.file) == built.content);
    REQUIRE((*file)->write(good).ok());
    file->reset();
    const auto followed = contentOf(built.file);
    REQUIRE(audit::build(built.life.db(), built.file, ManualClock()).ok());
    CHECK(contentOf(built.file) == followed);
}

TEST_CASE("a full disk leaves audit.db as it was, and it is written once there is room") {
    Built built;
    auto file = audit::AuditFile::open(built.file, built.life.db(), ManualClock());
    REQUIRE(file.ok());
    auto& sqlite = (*file)->db().sqlite();
    const auto pages = sqlite.execAndGet("PRAGMA page_count").getInt();
    sqlite.exec("PRAGMA max_page_count = " + std::to_string(pages));
    std::mt19937 random(9);
    audit::LogChunk chunk;
    for (Result<void> done; done.ok();) {
        built.content = contentOf(built.file);
        live(built.life, random, 200);
        REQUIRE(audit::readChunk(built.life.db(), (*file)->reached(), 4096, chunk).ok());
        done = (*file)->write(chunk);
        if (!done) CHECK(done.error().code == ErrorCode::storage_full);
    }
    CHECK_FALSE((*file)->db().mustStop());
    CHECK(contentOf(built.file) == built.content);
    sqlite.exec("PRAGMA max_page_count = 1000000");
    REQUIRE((*file)->write(chunk).ok());
    file->reset();
    const auto followed = contentOf(built.file);
    REQUIRE(audit::build(built.life.db(), built.file, ManualClock()).ok());
    CHECK(contentOf(built.file) == followed);
}
