// The fold gives the stays that a plain walk over all events finds, whatever the chunks.
#include "audit/audit_file.h"
#include "audit/audit_log.h"
#include "support/temp_folder.h"

#include <parley/audit/build.h>

#include <map>
#include <random>

using namespace parley;
using namespace parley::test;

namespace {

/// v1_stay, found by looking at all events of each user in each conversation.
std::vector<std::string> staysByHand(const std::vector<Event>& events) {
    std::vector<std::string> rows;
    std::map<std::pair<std::string, std::string>, std::string> open;
    std::map<std::pair<std::string, std::string>, std::string> roles;
    const auto moment = [](const Event& event) {
        return std::to_string(event.at.value) + ' ' + std::to_string(event.position.value);
    };
    for (const auto& event : events) {
        if (!isMembership(event.type)) continue;
        const std::pair key(event.conversation.str(), event.actor.str());
        const bool joins = event.type == EventType::participantJoined;
        const std::string role(joins ? roleName(*event.role) : "");
        if (open.contains(key)) {
            if (joins && roles[key] == role) continue;
            const char* end = joins ? "role" : event.cause == cause::kRemoved ? "removed" : "left";
            rows.push_back(open[key] + ' ' + moment(event) + ' ' + end);
            open.erase(key);
        }
        if (!joins) continue;
        roles[key] = role;
        open[key] = key.first + ' ' + key.second + ' ' + role + ' ' + moment(event);
    }
    for (const auto& [key, row] : open) rows.push_back(row + " - - -");
    std::sort(rows.begin(), rows.end());
    return rows;
}

std::vector<std::string> staysIn(Database& db) {
    auto rows = rowsOf(db,
                       "SELECT conversation_id, user_id, role, joined_at_ms, joined_position,"
                       " left_at_ms, left_position, end FROM v1_stay");
    std::sort(rows.begin(), rows.end());
    return rows;
}

void foldInChunks(audit::AuditFile& file, Database& log, int limit) {
    audit::LogChunk chunk;
    for (;;) {
        REQUIRE(audit::readChunk(log, file.reached(), limit, chunk).ok());
        if (chunk.events.empty()) return;
        REQUIRE(file.write(chunk).ok());
    }
}

}  // namespace

TEST_CASE("the stays are those that a walk over all events finds, whatever the chunks") {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        StoredLife life;
        std::mt19937 random(seed);
        live(life, random, 500);
        const auto expected = staysByHand(life.events());
        REQUIRE(expected.size() > 50);
        std::vector<std::string> first;
        for (const int limit : {1, 7, 100, 4096}) {
            CAPTURE(limit);
            TempFolder folder;
            const auto path = DataFolder::auditIn(folder.path());
            {
                auto file = audit::AuditFile::open(path, life.db(), ManualClock());
                REQUIRE(file.ok());
                foldInChunks(**file, life.db(), limit);
                CHECK(staysIn((*file)->db()) == expected);
            }
            if (first.empty()) first = contentOf(path);
            CHECK(contentOf(path) == first);
        }
    }
}

TEST_CASE("a fold goes on where it stopped, also with nothing left in memory") {
    StoredLife life;
    std::mt19937 random(11);
    TempFolder folder;
    const auto path = DataFolder::auditIn(folder.path());
    for (int i = 0; i < 20; ++i) {
        live(life, random, 30);
        REQUIRE(audit::bringUpToDate(life.db(), path, ManualClock()).ok());
    }
    const auto followed = contentOf(path);
    REQUIRE(audit::build(life.db(), path, ManualClock()).ok());
    CHECK(contentOf(path) == followed);
}

TEST_CASE("each ending of a stay has its name") {
    StoredLife life;
    const auto c = ConversationId::fromStored("c");
    const auto user = [](const char* id) { return UserId::fromStored(id); };
    life.run(JoinRoom{.conversation = c, .user = user("anna"), .role = UserRole::customer});
    life.run(JoinRoom{.conversation = c, .user = user("bert"), .role = UserRole::agent});
    life.run(JoinRoom{.conversation = c, .user = user("bert"), .role = UserRole::supervisor});
    life.run(RemoveParticipant{c, user("bert"), user("anna")});
    life.run(LeaveRoom{c, user("anna")});
    life.run(JoinRoom{.conversation = c, .user = user("anna"), .role = UserRole::customer});
    TempFolder folder;
    const auto path = DataFolder::auditIn(folder.path());
    REQUIRE(audit::build(life.db(), path, ManualClock()).ok());
    auto db = Database::openReader(path, audit::schema());
    REQUIRE(db.ok());
    CHECK(rowsOf(**db,
                 "SELECT user_id, role, joined_position, left_position, end FROM v1_stay"
                 " ORDER BY joined_position") ==
          std::vector<std::string>{"anna cx-customer 2 6 left", "bert cx-agent 3 4 role",
                                   "bert cx-supervisor 4 5 removed", "anna cx-customer 7 - -"});
    CHECK(rowsOf(**db, "SELECT position, at_ms, length(head_hash) FROM v1_follower") ==
          std::vector<std::string>{"7 " + std::to_string(life.events().back().at.value) + " 64"});
}
