// Users' events, days and waits are those that a plain walk over all events finds.
#include "audit/audit_log.h"
#include "support/temp_folder.h"

#include <parley/audit/build.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

using namespace parley;
using namespace parley::test;

namespace {

/// Each event with what a reader of the whole log knows of that moment.
struct Seen {
    Event event;
    std::string role;              // of the actor
    std::set<std::string> before;  // customers in the conversation
    std::set<std::string> after;   // likewise
};

std::vector<Seen> seenBy(const std::vector<Event>& events) {
    std::map<std::string, std::map<std::string, UserRole>> present;
    const auto customers = [&](const std::string& conversation) {
        std::set<std::string> found;
        for (const auto& [user, role] : present[conversation]) {
            if (role == UserRole::customer) found.insert(user);
        }
        return found;
    };
    std::vector<Seen> all;
    for (const auto& event : events) {
        Seen seen{event, "-", customers(event.conversation.str()), {}};
        auto& there = present[event.conversation.str()];
        const auto known = there.find(event.actor.str());
        if (event.role) {
            seen.role = roleName(*event.role);
        } else if (known != there.end()) {
            seen.role = roleName(known->second);
        }
        if (event.type == EventType::participantJoined) there[event.actor.str()] = *event.role;
        if (event.type == EventType::participantLeft) there.erase(event.actor.str());
        seen.after = customers(event.conversation.str());
        all.push_back(std::move(seen));
    }
    return all;
}

std::vector<std::string> sorted(std::vector<std::string> rows) {
    std::sort(rows.begin(), rows.end());
    return rows;
}

std::vector<std::string> userEventsByHand(const std::vector<Seen>& all) {
    std::vector<std::string> rows;
    for (const auto& [event, role, before, after] : all) {
        if (event.type == EventType::typingStarted || event.type == EventType::typingStopped) {
            continue;
        }
        rows.push_back(event.actor.str() + ' ' + std::to_string(event.position.value) + ' ' +
                       toIso8601(event.at) + ' ' + event.conversation.str() + ' ' +
                       std::string(eventTypeName(event.type)) + ' ' + role);
    }
    return sorted(rows);
}

std::vector<std::string> activityByHand(const std::vector<Seen>& all) {
    struct Day {
        std::map<std::string, int> count;
        std::set<std::string> conversations;
        std::string first;
        std::string last;
    };
    std::map<std::string, Day> days;
    for (const auto& [event, role, before, after] : all) {
        if (event.type == EventType::conversationStarted) continue;
        const std::string at = toIso8601(event.at);
        auto& day = days[event.actor.str() + ' ' + role + ' ' + at.substr(0, 10)];
        if (day.first.empty()) day.first = at;
        day.last = at;
        const bool typing = isTyping(event.type);
        if (!typing) day.conversations.insert(event.conversation.str());
        if (typing) ++day.count["typing"];
        if (event.type == EventType::participantJoined) ++day.count["joins"];
        if (event.type == EventType::participantLeft) ++day.count["leaves"];
        if (!isMessage(event.type)) continue;
        ++day.count["messages"];
        if (event.type == EventType::messageShared) ++day.count["shares"];
        const bool staff = role == "cx-agent" || role == "cx-supervisor";
        if (staff && event.visible == false) ++day.count["notes"];
    }
    std::vector<std::string> rows;
    for (auto& [key, day] : days) {
        std::string row = key;
        for (const char* name : {"messages", "notes", "shares"}) {
            row += ' ' + std::to_string(day.count[name]);
        }
        row += ' ' + std::to_string(day.conversations.size());
        for (const char* name : {"joins", "leaves", "typing"}) {
            row += ' ' + std::to_string(day.count[name]);
        }
        rows.push_back(row + ' ' + day.first + ' ' + day.last);
    }
    return sorted(rows);
}

bool isAnswer(const Event& event) {
    if (event.type == EventType::messageShared) return true;
    return event.type == EventType::messageSent && event.messageType == MessageType::text &&
           (event.role == UserRole::agent || event.role == UserRole::supervisor) &&
           event.visible != false;
}

/// For each answer the walk looks back, to the last answer or to when no customer was there.
std::vector<std::string> answersByHand(const std::vector<Seen>& all) {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& answer = all[i].event;
        if (!isAnswer(answer)) continue;
        std::string waited = "-";
        for (std::size_t k = i; k-- > 0;) {
            const auto& before = all[k].event;
            if (before.conversation != answer.conversation) continue;
            const bool gone = !all[k].before.empty() && all[k].after.empty();
            if (isAnswer(before) || gone) break;
            if (before.type == EventType::messageSent && before.role == UserRole::customer) {
                waited = std::to_string(answer.at.value - before.at.value);
            }
        }
        rows.push_back(std::to_string(answer.position.value) + ' ' + answer.conversation.str() +
                       ' ' + answer.actor.str() + ' ' + all[i].role + ' ' + waited);
    }
    return sorted(rows);
}

/// From each customer's message the walk looks ahead, and leaves out what falls into a wait that
/// has begun.
std::vector<std::string> repliesByHand(const std::vector<Seen>& all) {
    std::vector<std::string> rows;
    std::map<std::string, std::int64_t> coveredUpTo;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& from = all[i].event;
        if (from.type != EventType::messageSent || from.role != UserRole::customer) continue;
        const std::string conversation = from.conversation.str();
        if (from.position.value < coveredUpTo[conversation]) continue;
        std::string row = conversation + ' ' + from.actor.str() + ' ' +
                          std::to_string(from.at.value) + ' ' +
                          std::to_string(from.position.value) + ' ';
        std::string ending = "- - - - -";
        coveredUpTo[conversation] = static_cast<std::int64_t>(all.size()) + 1;
        for (std::size_t k = i + 1; k < all.size(); ++k) {
            const auto& to = all[k].event;
            if (to.conversation != from.conversation) continue;
            const bool gone = !all[k].before.empty() && all[k].after.empty();
            if (!isAnswer(to) && !gone) continue;
            coveredUpTo[conversation] = to.position.value;
            ending = std::to_string(to.at.value) + ' ' + std::to_string(to.position.value) + ' ' +
                     (gone ? "-" : to.actor.str()) + ' ' +
                     std::to_string(to.at.value - from.at.value) + (gone ? " left" : " answer");
            break;
        }
        rows.push_back(row + ending);
    }
    return sorted(rows);
}

}  // namespace

TEST_CASE("users' events, days and waits are those that a walk over all events finds") {
    std::size_t userEvents = 0;
    std::size_t days = 0;
    std::map<std::string, int> waits;
    for (unsigned seed = 20; seed < 32; ++seed) {
        CAPTURE(seed);
        StoredLife life;
        std::mt19937 random(seed);
        TempFolder folder;
        const auto file = DataFolder::auditIn(folder.path());
        for (int part = 0; part < 4; ++part) {
            live(life, random, 150);
            life.pass(std::chrono::hours(11));
            REQUIRE(audit::bringUpToDate(life.db(), file, ManualClock()).ok());
        }
        const auto seen = seenBy(life.events());
        auto db = Database::openReader(file, audit::schema());
        REQUIRE(db.ok());
        const auto events = sorted(rowsOf(
            **db, "SELECT user_id, position, at, conversation_id, type, role FROM v1_user_event"));
        CHECK(events == userEventsByHand(seen));
        userEvents += events.size();
        const auto activity = sorted(rowsOf(
            **db,
            "SELECT user_id, role, day, messages, notes, shares, conversations, joins, leaves,"
            " typing, first_at, last_at FROM v1_activity"));
        CHECK(activity == activityByHand(seen));
        days += activity.size();
        const auto replies =
            sorted(rowsOf(**db,
                          "SELECT conversation_id, customer_id, from_at_ms, from_position,"
                          " to_at_ms, to_position, by, ms, ended_by FROM v1_reply"));
        CHECK(replies == repliesByHand(seen));
        CHECK(sorted(rowsOf(**db,
                            "SELECT position, conversation_id, user_id, role, waited_ms"
                            " FROM v1_answer")) == answersByHand(seen));
        const std::string sums =
            ", min(first_position), max(last_position), sum(events), sum(messages),"
            " sum(customer_messages), sum(staff_messages), sum(robot_messages), sum(notes),"
            " sum(joins), sum(leaves), sum(typing) FROM ";
        CHECK(rowsOf(**db, "SELECT start_ms - start_ms % 3600000" + sums +
                               "v1_quarter_hour GROUP BY 1 ORDER BY 1") ==
              rowsOf(life.db(), "SELECT start_ms" + sums + "v1_hour GROUP BY 1 ORDER BY 1"));
        CHECK(rowsOf(**db,
                     "SELECT start_ms, first_position, last_position, events FROM v1_quarter_hour"
                     " ORDER BY 1") ==
              rowsOf(life.db(),
                     "SELECT at_ms - at_ms % 900000, min(position), max(position), count(*)"
                     " FROM v1_event GROUP BY 1 ORDER BY 1"));
        for (const auto& row : replies) ++waits[row.substr(row.rfind(' ') + 1)];
    }
    WARN(userEvents << " events of users, " << days << " days of users, waits: " << waits["answer"]
                    << " answered, " << waits["left"] << " left, " << waits["-"] << " open");
    CHECK(days > 500);
    CHECK(waits["answer"] > 100);
    CHECK(waits["left"] > 20);
    CHECK(waits["-"] > 10);
}
