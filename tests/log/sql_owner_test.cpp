#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The first words of a statement on a table of `log` or `projection`; empty: there is none.
std::string statementOn(const std::string& source, const std::string& tables) {
    const std::regex statement("\\b(FROM|JOIN|INTO|UPDATE|TABLE) +(" + tables + ")\\b");
    std::smatch found;
    return std::regex_search(source, found, statement) ? found.str() : std::string();
}

constexpr const char* kTables =
    "event|event_type|user_role|message_type|retention_walk|schema_migration|"
    "conversation|hour|participant|message_overlay|hidden_by_author|active_user|dashboard|"
    "projection_version";
constexpr const char* kNumbersOfTexts = "conversation_key|user_key";

}  // namespace

TEST_CASE("only log and projection have statements on their tables") {
    int files = 0;
    for (const char* top : {"include/parley", "src"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(PARLEY_SOURCE_DIR) / top)) {
            const auto path = entry.path().lexically_relative(PARLEY_SOURCE_DIR).string();
            if (!entry.is_regular_file() || path.find("/log/") != std::string::npos ||
                path.find("/projection/") != std::string::npos) {
                continue;
            }
            ++files;
            CAPTURE(path);
            const std::string source = read(entry.path());
            CHECK(statementOn(source, kTables) == "");
            // A session's rooms are rows of the engine's own, read back with their texts.
            if (path == "src/engine/sessions/session_store.cpp") continue;
            // Likewise the rooms of living connections.
            if (path == "src/engine/replication/live_rows.cpp") continue;
            CHECK(statementOn(source, kNumbersOfTexts) == "");
        }
    }
    REQUIRE(files > 50);
}

TEST_CASE("the projection asks log for events, and has no statement on their table itself") {
    int files = 0;
    for (const char* top : {"include/parley/projection", "src/projection"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(PARLEY_SOURCE_DIR) / top)) {
            const auto path = entry.path().lexically_relative(PARLEY_SOURCE_DIR).string();
            // Its INSERT takes the original's position from the log, row by row of a fold.
            if (!entry.is_regular_file() || path == "src/projection/tables/overlay_table.h") {
                continue;
            }
            ++files;
            CAPTURE(path);
            CHECK(statementOn(read(entry.path()), "event") == "");
        }
    }
    REQUIRE(files > 15);
}

TEST_CASE("a statement on a table is found") {
    CHECK(statementOn("\"SELECT at FROM event ORDER BY at\"", kTables) == "FROM event");
    CHECK(statementOn("\" JOIN user_key AS u\"", kNumbersOfTexts) == "JOIN user_key");
    CHECK(statementOn("\"SELECT * FROM v1_event\"", kTables).empty());
    CHECK(statementOn("\"DELETE FROM event_outbox\"", kTables).empty());
}
