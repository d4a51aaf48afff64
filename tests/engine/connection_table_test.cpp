#include "engine/state/connection_table.h"

#include <catch2/catch.hpp>

using namespace parley;

namespace {

constexpr ConversationKey kRoom{1};
constexpr ConversationKey kOtherRoom{2};
constexpr UserKey kAnn{1};
constexpr UserKey kBob{2};

Identity as(ConversationKey conversation, UserKey user, UserRole role = UserRole::agent) {
    return {conversation, UserId::fromStored("u"), user, role};
}

}  // namespace

using Connections = std::vector<ConnectionId>;

TEST_CASE("a connection has one identity in each conversation, the last it joined with") {
    UnitMembers unit;
    ConnectionTable table(unit);
    table.join({1}, as(kRoom, kAnn));
    table.join({1}, as(kOtherRoom, kAnn));
    table.join({1}, as(kRoom, kBob, UserRole::customer));
    CHECK(table.roomsOf({1}) == 2);
    CHECK(table.find({1}, kRoom)->role == UserRole::customer);
    CHECK(table.of(kRoom, kAnn).empty());
    CHECK(table.of(kRoom, kBob) == Connections{{1}});
    CHECK(table.of(kOtherRoom, kAnn) == Connections{{1}});
}

TEST_CASE("a connection that left its last conversation, or was closed, is forgotten") {
    UnitMembers unit;
    ConnectionTable table(unit);
    table.join({1}, as(kRoom, kAnn));
    table.join({2}, as(kRoom, kAnn));
    CHECK(table.size() == 2);
    table.leave({1}, kRoom);
    table.close({2});
    table.close({3});  // a connection that never joined
    CHECK(table.size() == 0);
    CHECK(table.of(kRoom, kAnn).empty());
    CHECK(table.find({1}, kRoom) == nullptr);
}

TEST_CASE("a removal that is not stored leaves every subscription as it was") {
    UnitMembers unit;
    ConnectionTable table(unit);
    table.join({1}, as({1}, {1}));
    table.join({2}, as({1}, {1}));
    table.join({2}, as({2}, {1}));
    table.join({3}, as({1}, {2}));
    unit.committed();
    REQUIRE(table.of({1}, {1}) == Connections{{1}, {2}});

    table.leave({1}, {1});
    table.leave({2}, {1});
    table.join({3}, as({1}, {1}));
    table.close({2});
    table.join({4}, as({1}, {2}));
    REQUIRE(table.of({1}, {1}) == Connections{{3}});
    REQUIRE(table.of({1}, {2}) == Connections{{4}});
    unit.rolledBack();
    REQUIRE(table.of({1}, {1}) == Connections{{1}, {2}});
    REQUIRE(table.of({1}, {2}) == Connections{{3}});
    REQUIRE(table.of({2}, {1}) == Connections{{2}});
    REQUIRE(table.find({4}, {1}) == nullptr);
    REQUIRE(table.find({3}, {1})->userKey == UserKey{2});
}
