#include <parley/domain/decide.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

SendMessage note() {
    return {.conversation = ConversationId::fromStored("c1"),
            .from = UserId::fromStored("bob"),
            .fromRole = UserRole::agent,
            .content = "a note",
            .toRole = {},
            .isVisible = false,
            .clientMessageId = ClientMessageId::fromStored("m"),
            .expectedSeq = {}};
}

// A conversation that stored `first`, and is sent it again.
struct World {
    ConversationState state;
    Event first;

    explicit World(const SendMessage& send) {
        state.id = send.conversation;
        auto events = decide(state, send);
        REQUIRE(events.ok());
        for (auto& event : *events) {
            event.seq = {state.lastSeq.value + 1};
            event.actorKey = {7};
            evolve(state, event);
        }
        first = events->back();
    }
    Result<std::vector<Event>> again(const SendMessage& send, const Viewer& viewer) {
        DecideContext context;
        context.sentBefore = &first;
        context.viewer = viewer;
        return decide(state, send, context);
    }
};

const auto kAuthor = Viewer::of({7}, UserRole::agent);
const auto kCustomer = Viewer::of({8}, UserRole::customer);

}  // namespace

TEST_CASE("a repetition is success without anything new") {
    World world(note());
    const auto again = world.again(note(), kAuthor);
    REQUIRE(again.ok());
    CHECK(again->empty());
    auto guarded = note();
    guarded.expectedSeq = Seq{1};
    CHECK(world.again(guarded, kAuthor).ok());
}

TEST_CASE("any difference in the stored fields makes it another message") {
    World world(note());
    auto content = note();
    content.content = "a note.";
    auto type = note();
    type.type = MessageType::system;
    auto addressee = note();
    addressee.toRole = UserRole::supervisor;
    auto shown = note();
    shown.isVisible = true;
    for (const auto& other : {content, type, addressee, shown}) {
        const auto again = world.again(other, kAuthor);
        REQUIRE_FALSE(again.ok());
        CHECK(again.error().code == ErrorCode::client_message_id_reused);
    }
}

TEST_CASE("visibility is compared as it results, not as it was asked for") {
    auto toSupervisor = note();
    toSupervisor.toRole = UserRole::supervisor;
    World world(toSupervisor);
    toSupervisor.isVisible = std::nullopt;  // staff among themselves: hidden in any case
    CHECK(world.again(toSupervisor, kAuthor).ok());
}

TEST_CASE("for a viewer who may not see the first message, a right guess looks like a wrong one") {
    World world(note());
    auto wrong = note();
    wrong.content = "a guess";
    const auto right = world.again(note(), kCustomer);
    const auto refused = world.again(wrong, kCustomer);
    REQUIRE_FALSE(right.ok());
    REQUIRE_FALSE(refused.ok());
    CHECK(right.error().code == ErrorCode::client_message_id_reused);
    CHECK(right.error().message == refused.error().message);
}
