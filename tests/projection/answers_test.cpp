// What asks, what answers, and since when a customer waits: the C++ definition, its SQL text and
// the columns of `conversation` say the same of random lives.
#include "projection/stored_life.h"

#include <parley/domain/answer.h>
#include <parley/log/sql_lists.h>
#include <parley/projection/rebuild.h>

#include <algorithm>
#include <map>
#include <tuple>

using namespace parley;
using namespace parley::test;

namespace {

using Cells = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                         std::int64_t, std::int64_t>;

/// Folds the events of one conversation without anything of the projection.
struct Oracle {
    std::map<std::int64_t, UserRole> roles;
    Responses responses;
    int answeredAfterWait = 0;
    int leftWaiting = 0;

    bool hasCustomer() const {
        return std::any_of(roles.begin(), roles.end(),
                           [](const auto& one) { return one.second == UserRole::customer; });
    }
    void add(const Event& event) {
        const bool waited = responses.waiting.has_value();
        const bool had = hasCustomer();
        if (event.type == EventType::participantJoined) {
            roles[event.actorKey.value] = event.role.value_or(UserRole::customer);
        } else if (event.type == EventType::participantLeft) {
            roles.erase(event.actorKey.value);
        } else {
            noteMessage(responses, event);
        }
        if (had && !hasCustomer()) noteNoCustomer(responses);
        if (waited && !responses.waiting) ++(answers(event) ? answeredAfterWait : leftWaiting);
    }
    Cells cells() const {
        const auto of = [](const std::optional<Moment>& moment) {
            return moment.value_or(Moment{{-1}, {-1}});
        };
        const auto asked = of(responses.asked);
        const auto answered = of(responses.answered);
        const auto waiting = of(responses.waiting);
        return {asked.position.value,
                asked.at.value,
                answered.position.value,
                answered.at.value,
                responses.answered ? responses.answeredBy.value : -1,
                waiting.position.value,
                waiting.at.value};
    }
};

std::map<std::int64_t, Cells> storedResponses(Database& db) {
    std::map<std::int64_t, Cells> stored;
    SQLite::Statement row(
        db.sqlite(),
        "SELECT conversation, coalesce(asked_position, -1), coalesce(asked_at, -1),"
        " coalesce(answered_position, -1), coalesce(answered_at, -1),"
        " coalesce(answered_by, -1), coalesce(waiting_position, -1),"
        " coalesce(waiting_at, -1) FROM conversation");
    while (row.executeStep()) {
        const auto cell = [&](int index) { return row.getColumn(index).getInt64(); };
        stored[cell(0)] = {cell(1), cell(2), cell(3), cell(4), cell(5), cell(6), cell(7)};
    }
    return stored;
}

}  // namespace

TEST_CASE("the row of a conversation knows what a fold over its events knows of its questions") {
    int answered = 0;
    int left = 0;
    for (unsigned seed = 400; seed < 420; ++seed) {
        CAPTURE(seed);
        StoredLife life;
        std::mt19937 random(seed);
        for (int i = 0; i < 400; ++i) life.runAny(random);
        std::map<std::int64_t, Oracle> oracles;
        for (const auto& event : life.events()) oracles[event.conversationKey.value].add(event);
        std::map<std::int64_t, Cells> expected;
        for (const auto& [key, oracle] : oracles) {
            expected[key] = oracle.cells();
            answered += oracle.answeredAfterWait;
            left += oracle.leftWaiting;
        }
        CHECK(storedResponses(life.db()) == expected);
        REQUIRE(rebuildViews(life.db()).ok());  // gathers all events before it writes
        CHECK(storedResponses(life.db()) == expected);
    }
    CHECK(answered > 100);
    CHECK(left > 20);
}

TEST_CASE("SQL and C++ agree on what asks and what answers") {
    int asking = 0;
    int answering = 0;
    for (unsigned seed = 500; seed < 505; ++seed) {
        StoredLife life;
        std::mt19937 random(seed);
        for (int i = 0; i < 400; ++i) life.runAny(random);
        SQLite::Statement row(life.db().sqlite(), "SELECT " + sqlAsks("e") + ", " +
                                                      sqlAnswers("e") +
                                                      " FROM event AS e ORDER BY position");
        for (const auto& event : life.events()) {
            CAPTURE(seed, event.position.value);
            REQUIRE(row.executeStep());
            REQUIRE_FALSE(row.getColumn(0).isNull());
            REQUIRE_FALSE(row.getColumn(1).isNull());
            CHECK((row.getColumn(0).getInt() != 0) == asks(event));
            CHECK((row.getColumn(1).getInt() != 0) == answers(event));
            asking += asks(event) ? 1 : 0;
            answering += answers(event) ? 1 : 0;
        }
    }
    CHECK(asking > 50);
    CHECK(answering > 50);
}

TEST_CASE("an answer is a visible text of staff, or a share") {
    FoldableEvent event;
    event.type = EventType::messageSent;
    event.messageType = MessageType::text;
    event.role = UserRole::agent;
    event.visible = true;
    CHECK(answers(event));
    event.role = UserRole::supervisor;
    CHECK(answers(event));
    event.visible = false;  // a note
    CHECK_FALSE(answers(event));
    event.visible = true;
    event.messageType = MessageType::system;
    CHECK_FALSE(answers(event));
    event.messageType = MessageType::text;
    event.role = UserRole::robot;
    CHECK_FALSE(answers(event));
    event.role = UserRole::customer;
    CHECK_FALSE(answers(event));
    CHECK(asks(event));
    event.type = EventType::messageShared;
    event.messageType = MessageType::robot;
    event.role = UserRole::agent;
    CHECK(answers(event));
    CHECK_FALSE(asks(event));
}

TEST_CASE("the hours add up to the log, and each begins and ends with its events") {
    StoredLife life;
    std::mt19937 random(9);
    for (int i = 0; i < 30; ++i) {
        for (int k = 0; k < 20; ++k) life.runAny(random);
        life.pass(std::chrono::minutes(17 + 40 * (i % 3)));
    }
    struct Figures {
        std::int64_t first = 0, last = 0, events = 0, messages = 0, notes = 0, typing = 0;
        bool operator==(const Figures&) const = default;
    };
    std::map<std::string, Figures> expected;
    for (const auto& event : life.events()) {
        auto& hour = expected[toIso8601(event.at).substr(0, 13)];
        if (hour.events++ == 0) hour.first = event.position.value;
        hour.last = event.position.value;
        hour.messages += isMessage(event.type) ? 1 : 0;
        hour.typing += isTyping(event.type) ? 1 : 0;
        hour.notes += isMessage(event.type) && event.role && isStaff(*event.role) &&
                              !visibleToEveryCustomer(event.visible)
                          ? 1
                          : 0;
    }
    REQUIRE(expected.size() > 10);
    for (const bool rebuilt : {false, true}) {
        CAPTURE(rebuilt);
        if (rebuilt) REQUIRE(rebuildViews(life.db()).ok());
        std::map<std::string, Figures> stored;
        SQLite::Statement row(life.db().sqlite(),
                              "SELECT name, first_position, last_position, events, messages, notes,"
                              " typing FROM hour");
        while (row.executeStep()) {
            const auto cell = [&](int index) { return row.getColumn(index).getInt64(); };
            stored[row.getColumn(0).getString()] = {cell(1), cell(2), cell(3),
                                                    cell(4), cell(5), cell(6)};
        }
        CHECK((stored == expected));
    }
}

TEST_CASE("a time is turned into positions through the hours, with empty hours at both ends") {
    StoredLife life;
    std::mt19937 random(17);
    for (int i = 0; i < 12; ++i) {
        for (int k = 0; k < 15; ++k) life.runAny(random);
        life.pass(std::chrono::hours(i % 4) + std::chrono::minutes(25));
    }
    const auto events = life.events();
    const auto hourOf = [](UnixMillis at) { return toIso8601(at).substr(0, 13); };
    SQLite::Statement row(
        life.db().sqlite(),
        "SELECT count(*) FROM v1_event"
        " WHERE position >= (SELECT min(first_position) FROM v1_hour WHERE hour >= ?1)"
        " AND position <= (SELECT max(last_position) FROM v1_hour WHERE hour < ?2)");
    const std::int64_t hour = 3'600'000;
    const auto first = events.front().at.value;
    const int hours = static_cast<int>((events.back().at.value - first) / hour) + 1;
    REQUIRE(hours > 15);
    int empty = 0;
    for (int from = -3; from < hours + 3; ++from) {
        for (int to = from; to < hours + 3; ++to) {
            const auto begins = hourOf({first + from * hour});
            const auto ends = hourOf({first + to * hour});
            const auto expected =
                std::count_if(events.begin(), events.end(), [&](const Event& event) {
                    return hourOf(event.at) >= begins && hourOf(event.at) < ends;
                });
            row.reset();
            row.bind(1, begins);
            row.bind(2, ends);
            REQUIRE(row.executeStep());
            CAPTURE(begins, ends);
            REQUIRE(row.getColumn(0).getInt64() == expected);
            empty += expected == 0 ? 1 : 0;
        }
    }
    CHECK(empty > 20);
}
