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

TEST_CASE("presence knows what was committed, each user of a connection once") {
    UnitMembers unit;
    PresenceBoard presence;
    int told = 0;
    presence.onChange([&] { ++told; });
    ConnectionTable table(unit, &presence);
    const auto watching = [](ConversationKey conversation) {
        auto identity = as(conversation, kBob, UserRole::supervisor);
        identity.watching = true;
        return identity;
    };
    table.join({1}, as(kRoom, kAnn));
    table.join({1}, as(kOtherRoom, kAnn));
    table.join({2}, as(kRoom, kAnn));
    table.name(kRoom, ConversationId::fromStored("room"));
    table.join({3}, watching(kRoom));
    table.followDashboard({4}, PresentUser{});
    CHECK(presence.all(10).users.empty());
    unit.committed();
    const auto all = presence.all(10);
    REQUIRE(all.users.size() == 3);
    CHECK(all.users[0].connections == 1);  // nobody in particular
    CHECK(all.users[1].connections == 2);
    REQUIRE(all.watchers.size() == 1);
    CHECK(all.watchers[0].conversation.str() == "room");
    CHECK(told == 1);
    CHECK(presence.take(10).users.size() == 3);
    CHECK(presence.take(10).empty());

    table.close({1});
    table.close({3});
    unit.rolledBack();
    CHECK(presence.take(10).empty());
    table.close({3});
    table.followDashboard({4}, PresentUser{UserId::fromStored("u"), UserRole::agent});
    unit.committed();
    CHECK(told == 2);
    const auto news = presence.take(10);
    REQUIRE(news.watchers.size() == 1);
    CHECK(news.watchers[0].users.empty());
    CHECK(table.watches() == 0);
}

TEST_CASE("presence tells no more at once than is asked for, and all in the end") {
    PresenceBoard presence;
    const ConnectionPresence nobody;
    for (int i = 0; i < 25; ++i) {
        const PresentUser user{UserId::fromStored("u" + std::to_string(i)), UserRole::agent};
        presence.change(nobody, {.users = {user}, .watches = {{ConversationKey{i + 1}, user}}});
    }
    CHECK(presence.all(10).more);
    std::size_t users = 0;
    for (;;) {
        const auto news = presence.take(10);
        CHECK(news.users.size() <= 10);
        users += news.users.size();
        if (!news.more) break;
    }
    CHECK(users == 25);
}
