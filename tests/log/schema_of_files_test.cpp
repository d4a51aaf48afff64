#include "support/temp_folder.h"

#include <parley/core/clock.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace parley;

namespace {

/// The schema of a second file beside the log.
const Schema& searchSchema() {
    static const Schema schema{0x50524C5A,
                               {"word"},
                               {{"0001_words", "CREATE TABLE word (text TEXT PRIMARY KEY) STRICT"}},
                               {},
                               [](Database&) { return Result<void>(); }};
    return schema;
}

}  // namespace

TEST_CASE(
    "a second file has a mark and migrations of its own, and neither is taken for the other") {
    TempFolder folder;
    const auto file = folder.path() / "search.db";
    {
        auto db = Database::openWriter(file, Synchronous::full, searchSchema());
        REQUIRE(db.ok());
        REQUIRE(migrate(**db, ManualClock()).ok());
        CHECK((*db)->sqlite().tableExists("word"));
        CHECK_FALSE((*db)->sqlite().tableExists("event"));
        CHECK(checkSchema(**db).ok());
        (*db)->allowCheckpointAtClose();
    }
    CHECK(Database::openReader(file, searchSchema()).ok());
    for (const auto& refused : {Database::openReader(file).ok(), Database::openWriter(file).ok()}) {
        CHECK_FALSE(refused);
    }
    const auto error = Database::openReader(file).error();
    CHECK(error.code == ErrorCode::storage_damaged);
    CHECK(error.message.find("is no database of Parley's") != std::string::npos);

    const auto log = DataFolder::databaseIn(folder.path());
    REQUIRE(Database::openWriter(log).ok());
    CHECK_FALSE(Database::openWriter(log, Synchronous::full, searchSchema()).ok());
}

TEST_CASE("every file that a server keeps in its folder is in the inventory") {
    TempFolder folder;
    auto owned = DataFolder::own(folder.path());
    REQUIRE(owned.ok());
    auto db = Database::openWriter((*owned)->database());
    REQUIRE(db.ok());
    REQUIRE(migrate(**db, ManualClock()).ok());
    auto note = HeadWitness::open(folder.path());
    REQUIRE(note.ok());
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        CAPTURE(entry.path().string());
        const std::string name = entry.path().filename().string();
        ++files;
        CHECK(std::any_of(kFolderFiles.begin(), kFolderFiles.end(),
                          [&](const FolderFile& file) { return file.name == name; }));
    }
    CHECK(files == 5);  // all but the journal, which only a vacuum has
    CHECK(kFolderFiles.front().name == DataFolder::databaseIn("").string());
    CHECK(walOf("parley.db") == "parley.db-wal");
    CHECK(walIndexOf("parley.db") == "parley.db-shm");
    CHECK(journalOf("parley.db") == "parley.db-journal");
}
