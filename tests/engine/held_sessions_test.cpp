#include "engine/sessions/held_sessions.h"

#include <catch2/catch.hpp>

using namespace parley;

namespace {

constexpr PidHash kAnn{1};
constexpr PidHash kBob{2};
constexpr UnixMillis kLater{1000};

}  // namespace

TEST_CASE("a session is found by its connection, its pid and its row while it is held") {
    UnitMembers unit;
    HeldSessions sessions(unit);
    sessions.put({1}, {kAnn, {}, 0});
    CHECK(sessions.holderOf(kAnn) == ConnectionId{1});
    CHECK_FALSE(sessions.holds({7}));
    sessions.put({1}, {kAnn, {7}, 0});
    CHECK(sessions.holds({7}));
    sessions.erase({1});
    CHECK(sessions.find({1}) == nullptr);
    CHECK_FALSE(sessions.holderOf(kAnn));
    CHECK_FALSE(sessions.holds({7}));
}

TEST_CASE("a dropped session is remembered until its row has the drop's time, if it has a row") {
    UnitMembers unit;
    HeldSessions sessions(unit);
    sessions.put({1}, {kAnn, {7}, 0});
    sessions.put({2}, {kBob, {}, 0});
    sessions.drop({1}, kLater);
    sessions.drop({2}, kLater);
    sessions.drop({3}, kLater);  // a connection without a session
    unit.committed();
    REQUIRE(sessions.drops().size() == 1);
    CHECK(sessions.drops().at({7}) == kLater);
    sessions.dropsWritten();
    CHECK(sessions.drops().empty());
    SECTION("the unit is committed") {
        unit.committed();
        CHECK(sessions.drops().empty());
    }
    SECTION("the unit is rolled back") {
        unit.rolledBack();
        CHECK(sessions.drops().size() == 1);
    }
}

TEST_CASE("undoing a handover gives the session back to its first holder") {
    UnitMembers unit;
    HeldSessions sessions(unit);
    sessions.put({1}, {kAnn, {7}, 3});
    unit.committed();
    sessions.erase({1});
    sessions.put({2}, {kAnn, {7}, 3});
    CHECK(sessions.holderOf(kAnn) == ConnectionId{2});
    unit.rolledBack();
    CHECK(sessions.holderOf(kAnn) == ConnectionId{1});
    CHECK(sessions.find({2}) == nullptr);
    CHECK(sessions.find({1})->own == 3);
    CHECK(sessions.holds({7}));
}
