#include "projection/stored_life.h"

using namespace parley;
using namespace parley::test;

namespace {

const auto kConversation = ConversationId::fromStored("c");
const auto kAnna = UserId::fromStored("anna");
const auto kBob = UserId::fromStored("bob");

}  // namespace

TEST_CASE("a start is told once, with its first participants and up to the last of their joins") {
    StoredLife life;
    const auto updates = life.run(StartConversation{
        .conversation = kConversation,
        .createdBy = kBob,
        .createdByRole = UserRole::agent,
        .title = {},
        .description = {},
        .initialParticipants = {{kAnna, UserRole::customer}, {kBob, UserRole::agent}}});
    REQUIRE(updates.size() == 1);
    const auto& started = std::get<ConversationStarted>(updates.front());
    CHECK(started.event->position == Position{1});
    CHECK(started.event->actor == kBob);
    CHECK(started.last->position == Position{3});
    CHECK(started.conversation.participants.size() == 2);
    CHECK(started.conversation.find(kAnna)->role == UserRole::customer);
}

TEST_CASE("a start that a join causes is told without the join, which is told after it") {
    StoredLife life;
    const auto updates = life.run(JoinRoom{kConversation, kAnna, UserRole::customer});
    REQUIRE(updates.size() == 2);
    const auto& started = std::get<ConversationStarted>(updates[0]);
    CHECK(started.conversation.participants.empty());
    CHECK(started.last == started.event);
    CHECK(std::get<ParticipantAdded>(updates[1]).participant.user == kAnna);
}

TEST_CASE("a message ends typing, and both are told in the order of the log") {
    StoredLife life;
    life.run(JoinRoom{kConversation, kAnna, UserRole::customer});
    const auto typing = life.run(StartTyping{kConversation, kAnna, "Anna \"A\""});
    REQUIRE(typing.size() == 1);
    CHECK(std::get<TypingChanged>(typing[0]).isTyping);
    CHECK(std::get<TypingChanged>(typing[0]).userName == "Anna \"A\"");

    const auto updates = life.run(StoredLife::message(kConversation, kAnna, UserRole::customer));
    REQUIRE(updates.size() == 2);
    const auto& ended = std::get<TypingChanged>(updates[0]);
    CHECK_FALSE(ended.isTyping);
    CHECK(ended.user == kAnna);
    CHECK(ended.conversation == kConversation);
    CHECK(ended.conversationKey == ConversationKey{1});
    CHECK(ended.userName == "Anna \"A\"");
    const auto& added = std::get<MessageAdded>(updates[1]);
    CHECK(added.messageCount == 1);
    CHECK(added.message->content == "said");
}

TEST_CASE("a leave tells of the participant as they were, with the role they changed to") {
    StoredLife life;
    const auto joined = life.run(JoinRoom{kConversation, kAnna, UserRole::customer});
    const auto at = std::get<ParticipantAdded>(joined[1]).event->at;
    life.run(JoinRoom{kConversation, kAnna, UserRole::supervisor});
    const auto updates = life.run(LeaveRoom{kConversation, kAnna});
    REQUIRE(updates.size() == 1);
    const auto& removed = std::get<ParticipantRemoved>(updates[0]);
    CHECK(removed.participant.role == UserRole::supervisor);
    CHECK(removed.participant.joinedAt == at);
}

TEST_CASE("upkeep is told to nobody") {
    StoredLife life;
    ConversationState state;
    Event event;
    event.type = EventType::retentionApplied;
    event.seq = {1};
    CHECK(project(state, {event}).empty());
    CHECK(state.lastSeq == Seq{1});
}
