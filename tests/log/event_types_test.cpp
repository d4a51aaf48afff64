// Whatever lists the types of events agrees with the table domain/events.def.
#include "log/migrated.h"

#include <parley/core/clock.h>
#include <parley/core/json.h>
#include <parley/domain/event_type.h>
#include <parley/domain/roles.h>
#include <parley/log/migrations.h>
#include <parley/log/name_tables.h>
#include <parley/log/sql_lists.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

using namespace parley;
using test::fileText;
using test::migrated;

namespace {

namespace fs = std::filesystem;

std::set<std::string> names(const Json& list) {
    return list.get<std::set<std::string>>();
}

std::set<std::string> keys(const Json& object) {
    std::set<std::string> all;
    for (const auto& [key, value] : object.items()) all.insert(key);
    return all;
}

bool contains(const std::set<std::string>& all, const std::set<std::string>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// What `parley export` writes of every event, of messages besides, and at most.
const std::set<std::string> kOfAll{"position", "conversationId", "seq", "type", "version",
                                   "at",       "actor",          "id",  "hash"};
const std::set<std::string> kOfMessages{"role", "messageType", "isVisible", "content"};
const std::set<std::string> kKnown{"position", "conversationId",
                                   "seq",      "type",
                                   "version",  "at",
                                   "actor",    "id",
                                   "hash",     "role",
                                   "toRole",   "messageType",
                                   "cause",    "isVisible",
                                   "data",     "content",
                                   "key",      "clientMessageId",
                                   "salt",     "commitment",
                                   "by",       "originalMessageId"};

std::string_view familyName(EventFamily family) {
    switch (family) {
        case EventFamily::message: return "message";
        case EventFamily::membership: return "membership";
        case EventFamily::typing: return "typing";
        case EventFamily::lifecycle: return "lifecycle";
        case EventFamily::upkeep: return "upkeep";
    }
    return {};
}

std::string_view kindName(EventKind kind) {
    switch (kind) {
        case EventKind::message: return "message";
        case EventKind::membership: return "membership";
        case EventKind::typing: return "typing";
        case EventKind::other: return "other";
    }
    return {};
}

}  // namespace

TEST_CASE("every event type has its schema, which names it, its versions and known fields only") {
    std::set<std::string> files;
    for (const auto& file : fs::directory_iterator(fs::path(PARLEY_SOURCE_DIR) / "schema/events")) {
        files.insert(file.path().stem().string());
    }
    for (const auto& row : kEventTypes) {
        const std::string name(row.name);
        CAPTURE(name);
        REQUIRE(files.erase(name) == 1);
        const auto schema = parseJson(fileText("schema/events/" + name + ".json"));
        REQUIRE(schema);
        CHECK(schema->at("title") == name);
        CHECK(schema->at("additionalProperties") == false);
        const Json& properties = schema->at("properties");
        CHECK(properties.at("type").at("const") == name);
        CHECK(contains(keys(properties), kOfAll));
        CHECK(contains(names(schema->at("required")), kOfAll));
        CHECK(contains(kKnown, keys(properties)));
        CHECK(contains(names(schema->at("required")), kOfMessages) == isMessage(row.type));

        std::set<std::uint32_t> versions;
        for (const auto& of : schema->value("oneOf", Json::array({*schema}))) {
            if (!of.contains("properties") || !of.at("properties").contains("version")) continue;
            versions.insert(of.at("properties").at("version").at("const").get<std::uint32_t>());
        }
        if (versions.empty()) {
            versions.insert(properties.at("version").at("const").get<std::uint32_t>());
        }
        CHECK(*versions.begin() == 1);
        CHECK(*versions.rbegin() == row.version);
        CHECK(versions.size() == row.version);
    }
    CHECK(files.empty());  // a schema of no type
}

TEST_CASE("docs/format/event-log.md has one row for each event type") {
    const std::string docs = fileText("docs/format/event-log.md");
    for (const auto& row : kEventTypes) {
        std::ostringstream begin;
        begin << "| " << static_cast<int>(row.type) << " | `" << row.name << "` | "
              << familyName(row.family) << " | " << kindName(row.kind) << " | " << row.version
              << " | ";
        CAPTURE(begin.str());
        CHECK(docs.find(begin.str()) != std::string::npos);
    }
    const auto from = docs.find("## Types");
    const std::string section = docs.substr(from, docs.find("\n## ", from + 1) - from);
    const std::regex row("\n\\| [0-9]+ \\|");
    CHECK(std::distance(std::sregex_iterator(section.begin(), section.end(), row), {}) ==
          kEventTypeCount);
}

TEST_CASE("a database whose tables of names are not the program's is refused, and says which") {
    REQUIRE(checkNameTables(*migrated()).ok());
    for (const auto& [damage, found] :
         {std::pair("DELETE FROM event_type WHERE type = 7", "message_shared"),
          std::pair("UPDATE event_type SET name = 'sent' WHERE type = 4", "message_sent"),
          std::pair("DELETE FROM user_role WHERE role = 3", "cx-supervisor"),
          std::pair("UPDATE message_type SET name = 'bot' WHERE type = 3", "robot")}) {
        CAPTURE(damage);
        auto db = migrated();
        db->sqlite().exec(damage);
        for (const auto& refused : {migrate(*db, ManualClock()), checkSchema(*db)}) {
            REQUIRE_FALSE(refused.ok());
            CHECK(refused.error().code == ErrorCode::storage_damaged);
            CHECK(refused.error().message.find(found) != std::string::npos);
        }
    }
}

TEST_CASE("the public view of messages lists the types that are messages") {
    CHECK(fileText("schema/views/v1_message.sql")
              .find("e.type IN " + sqlTypes(EventKind::message) + ";") != std::string::npos);
}

TEST_CASE("no statement in the sources lists types or roles by number") {
    const std::regex number(R"re(\b(type|role)\s*(=|<>|!=|IN\s*\()\s*[0-9])re");
    for (const auto& file : fs::recursive_directory_iterator(fs::path(PARLEY_SOURCE_DIR) / "src")) {
        if (file.path().extension() != ".cpp" && file.path().extension() != ".h") continue;
        CAPTURE(file.path().string());
        CHECK_FALSE(std::regex_search(fileText(file.path()), number));
    }
}
