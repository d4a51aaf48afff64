#include "support/temp_folder.h"

#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/head_witness.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

using namespace parley;

TEST_CASE("whether a data folder is owned can be seen from outside, for as long as it is") {
    TempFolder folder;
    CHECK_FALSE(DataFolder::isOwned(folder.path()).value());
    {
        const auto owner = DataFolder::own(folder.path());
        REQUIRE(owner.ok());
        CHECK(DataFolder::isOwned(folder.path()).value());
        CHECK(DataFolder::isOwned(folder.path()).value());
        CHECK(DataFolder::own(folder.path()).error().code == ErrorCode::storage_owned);
    }
    CHECK_FALSE(DataFolder::isOwned(folder.path()).value());
}

TEST_CASE("looking whether a folder is owned costs nobody the folder") {
    TempFolder folder;
    REQUIRE(DataFolder::own(folder.path()).ok());
    std::atomic<bool> stop{false};
    std::thread looks([&] {
        while (!stop) static_cast<void>(DataFolder::isOwned(folder.path()));
    });
    int owned = 0;
    for (int i = 0; i < 200; ++i) owned += DataFolder::own(folder.path()).ok() ? 1 : 0;
    stop = true;
    looks.join();
    CHECK(owned == 200);
}

TEST_CASE("a reader undoes what a process began that was killed while it made the file") {
    TempFolder folder;
    const auto made = folder.path() / "made.db";
    const auto file = DataFolder::databaseIn(folder.path());
    SQLite::Database writer(made.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    writer.exec("PRAGMA cache_size = 1; BEGIN; CREATE TABLE event (content)");
    writer.exec("INSERT INTO event VALUES (randomblob(100000))");
    std::filesystem::copy_file(made, file);
    std::filesystem::copy_file(journalOf(made), journalOf(file));
    REQUIRE(std::filesystem::file_size(file) > 0);
    REQUIRE(std::filesystem::file_size(journalOf(file)) > 0);
    const auto reader = Database::openReader(file);
    REQUIRE(reader.ok());
    CHECK_FALSE((*reader)->sqlite().tableExists("event"));
    CHECK(Database::openWriter(file).ok());
}

TEST_CASE("a pipe or a device in a file's place is refused, and not waited for") {
    TempFolder folder;
    const auto pipe = folder.path() / "audit.db";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const auto code = [](const auto& result) { return result.error().code; };
    CHECK(code(Database::openReader(pipe)) == ErrorCode::file_refused);
    CHECK(code(Database::openWriter(pipe)) == ErrorCode::file_refused);
    CHECK(code(Database::openForCheckpoints(pipe)) == ErrorCode::file_refused);
    CHECK(code(Database::openReader("/dev/null")) == ErrorCode::file_refused);
    CHECK(std::filesystem::is_fifo(pipe));
    SECTION("nor one beside the database") {
        std::filesystem::rename(pipe, folder.path() / "parley.db-wal");
        CHECK(code(Database::openWriter(DataFolder::databaseIn(folder.path()))) ==
              ErrorCode::file_refused);
    }
    SECTION("nor one in place of the head's note or the lock") {
        std::filesystem::rename(pipe, DataFolder::headNoteIn(folder.path()));
        CHECK_FALSE(HeadWitness::read(folder.path()).value());
        CHECK_FALSE(HeadWitness::open(folder.path()).ok());
        REQUIRE(::mkfifo(DataFolder::lockIn(folder.path()).c_str(), 0600) == 0);
        static_cast<void>(DataFolder::isOwned(folder.path()));
    }
}
