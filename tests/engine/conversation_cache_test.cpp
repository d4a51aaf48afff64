#include "engine/state/conversation_cache.h"

#include <catch2/catch.hpp>

#include <map>
#include <string>

using namespace parley;

namespace {

ConversationId idOf(int number) {
    return ConversationId::fromStored("c" + std::to_string(number));
}

/// A cache over views that have every conversation and count how often each is read.
struct World {
    std::map<std::string, int> loads;
    bool known = true;
    bool broken = false;
    UnitMembers unit;
    ConversationCache cache{unit, 2, [this](const ConversationId& id) { return load(id); }};

    Result<std::optional<ConversationState>> load(const ConversationId& id) {
        if (broken) return Error{ErrorCode::storage_failed, "injected"};
        ++loads[id.str()];
        if (!known) return std::optional<ConversationState>();
        ConversationState state;
        state.lastSeq = {1};
        return std::optional(state);
    }
    ConversationState& get(int number) {
        auto state = cache.get(idOf(number));
        REQUIRE(state.ok());
        return **state;
    }
    void type(int number) { get(number).typing.add({UserId::fromStored("ann"), "Ann"}); }
};

}  // namespace

TEST_CASE("beyond the limit the least recently used state is dropped, after the commit") {
    World world;
    for (const int number : {1, 2, 1, 3}) world.get(number);
    CHECK(world.cache.size() == 3);  // all of them are in use
    world.unit.committed();
    CHECK(world.cache.size() == 2);
    world.get(1);
    world.get(3);
    CHECK(world.loads["c1"] + world.loads["c3"] == 3);
}

TEST_CASE("a state is the same until the unit ends, and read anew after a rollback") {
    World world;
    world.get(1).lastSeq = {5};
    CHECK(world.get(1).lastSeq == Seq{5});
    world.unit.rolledBack();
    CHECK(world.cache.size() == 0);
    CHECK(world.get(1).lastSeq == Seq{1});
    CHECK(world.loads["c1"] == 2);
}

TEST_CASE("a conversation that does not exist takes no place in the cache") {
    World world;
    world.known = false;
    CHECK_FALSE(world.get(1).started());
    CHECK(world.get(1).id == idOf(1));
    world.unit.committed();
    CHECK(world.cache.size() == 0);
}

TEST_CASE("conversations with a typing user stay cached, however many there are") {
    World world;
    for (int i = 0; i < 5; ++i) world.type(i);
    world.unit.committed();
    CHECK(world.cache.size() == 5);
    for (int i = 0; i < 5; ++i) world.get(i).typing.remove(UserId::fromStored("ann"));
    world.unit.committed();
    CHECK(world.cache.size() == 2);
}

TEST_CASE("a rollback keeps users who typed before the unit, and forgets those who began in it") {
    World world;
    world.type(1);
    world.unit.committed();
    world.get(1).typing.remove(UserId::fromStored("ann"));
    world.type(2);
    world.unit.rolledBack();
    REQUIRE(world.cache.typingIn(idOf(1)) != nullptr);
    CHECK(world.cache.typingIn(idOf(1))->find(UserId::fromStored("ann")) != nullptr);
    CHECK(world.cache.typingIn(idOf(2)) == nullptr);
    CHECK(world.get(1).findTyping(UserId::fromStored("ann")) != nullptr);
}

TEST_CASE("a state that cannot be read is an error, and the next request reads it again") {
    World world;
    world.broken = true;
    CHECK_FALSE(world.cache.get(idOf(1)).ok());
    world.broken = false;
    CHECK(world.get(1).started());
}
