// This program opens databases written by released programs (scripts/golden).
#include "support/temp_folder.h"

#include <parley/core/clock.h>
#include <parley/log/migrations.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

using namespace parley;

namespace {

const std::filesystem::path kGolden = PARLEY_SOURCE_DIR "/tests/golden";

std::vector<std::filesystem::path> goldenDatabases() {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
        if (entry.path().extension() == ".db") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::string readFile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// The views' content today, in the columns of the stored dump: views only gain columns.
std::string viewsLike(Database& db, const std::string& stored) {
    std::istringstream lines(stored);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("== ")) continue;
        const auto space = line.find(' ', 3);
        const auto view = line.substr(3, space - 3);
        const auto columns = line.substr(space + 1);
        const auto order = columns.substr(0, columns.find(',', columns.find(',') + 1));
        out += line + "\n";
        SQLite::Statement rows(
            db.sqlite(), "SELECT json_array(" + columns + ") FROM " + view + " ORDER BY " + order);
        while (rows.executeStep()) out += rows.getColumn(0).getString() + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE(
    "a database of every released schema opens, migrates, verifies and shows the same views") {
    const auto databases = goldenDatabases();
    REQUIRE_FALSE(databases.empty());
    for (const auto& golden : databases) {
        CAPTURE(golden.string());
        TempFolder folder;
        const auto file = folder.path() / "parley.db";
        std::filesystem::copy_file(golden, file);
        auto db = Database::openWriter(file);
        REQUIRE(db.ok());
        REQUIRE(migrate(**db, SystemClock()).ok());
        REQUIRE(checkSchema(**db).ok());
        const auto stored = readFile(std::filesystem::path(golden).replace_extension(".views"));
        REQUIRE(viewsLike(**db, stored) == stored);
        const auto log = verifyLog(**db);
        REQUIRE(log.ok());
        REQUIRE(log->good);
        REQUIRE(log->last.value > 400);
        if (auto current = viewsAreCurrent(**db); current && !*current) {
            REQUIRE(rebuildViews(**db).ok());
        }
        auto reader = Database::openReader(file);
        REQUIRE(reader.ok());
        const auto views = checkViews(**reader);
        REQUIRE(views.ok());
        REQUIRE(views->differences.empty());
        REQUIRE(viewsLike(**db, stored) == stored);
    }
}

TEST_CASE("the newest golden database has today's schema and some data of every kind") {
    TempFolder folder;
    const auto file = folder.path() / "parley.db";
    std::filesystem::copy_file(goldenDatabases().back(), file);
    auto db = Database::openReader(file);
    REQUIRE(db.ok());
    CHECK(checkSchema(**db).ok());
    const auto count = [&](const std::string& from) {
        return (*db)->sqlite().execAndGet("SELECT count(*) FROM " + from).getInt64();
    };
    CHECK(count("event_type WHERE name NOT IN (SELECT type FROM v1_event)") == 0);
    CHECK(count("v1_event WHERE emptied") > 0);
    CHECK(count("v1_event WHERE type = 'typing_started' AND NOT emptied") > 0);
    CHECK(count("v1_participant WHERE left_cause = 'removed'") > 0);
    CHECK(count("session_room WHERE until IS NOT NULL") > 0);
    for (const char* table : {"session", "session_room", "session_own", "message_overlay"}) {
        CAPTURE(table);
        CHECK(count(table) > 0);
    }
}
