#include "projection/stored_life.h"

#include <parley/projection/relation_reader.h>

using namespace parley;
using namespace parley::test;

namespace {

const ConversationId kRoom = ConversationId::fromStored("room");

UserId user(const char* id) {
    return UserId::fromStored(id);
}

struct World {
    Standing of(const char* id) {
        RelationReader reader(life.db());
        const auto key = life.keyOf(user(id));
        const auto standing = reader.of(ConversationKey{1}, key.value_or(UserKey{0}));
        REQUIRE(standing.ok());
        return *standing;
    }
    void join(const char* id) { life.run(JoinRoom{kRoom, user(id), UserRole::customer}); }

    StoredLife life;
};

}  // namespace

TEST_CASE("a participant takes part, and again after coming back") {
    World world;
    world.join("ann");
    CHECK(world.of("ann").relation == Relation::takesPart);
    world.life.run(LeaveRoom{kRoom, user("ann")});
    world.join("ann");
    CHECK(world.of("ann").relation == Relation::takesPart);
    CHECK(world.of("ann").leftAt == Position{0});
}

TEST_CASE("a user who left has left, at the event that says so") {
    World world;
    world.join("ann");
    world.join("bob");
    world.life.run(LeaveRoom{kRoom, user("ann")});
    CHECK(world.of("ann").relation == Relation::left);
    CHECK(world.of("ann").leftAt == Position{4});  // start, two joins, the leave
}

TEST_CASE("a user removed by another one is a stranger, as one who never came is") {
    World world;
    world.join("ann");
    world.join("bob");
    world.life.run(RemoveParticipant{kRoom, user("ann"), user("bob")});
    CHECK(world.of("ann").relation == Relation::stranger);
    CHECK(world.of("nobody").relation == Relation::stranger);
}

TEST_CASE("a removal that does not say by whom counts as a leave") {
    World world;
    world.join("ann");
    world.join("bob");
    world.life.run(RemoveParticipant{kRoom, user("ann"), {}});
    CHECK(world.of("ann").relation == Relation::left);
}
