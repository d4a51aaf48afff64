#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/core/limits.h>
#include <parley/log/read/event_lookup.h>
#include <parley/log/read/key_lookup.h>
#include <parley/log/read/open_typing.h>
#include <parley/log/read/unseen_messages.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("an event is found by its id, in its own conversation alone") {
    TempFolder folder;
    WrittenLog log(folder.path());
    std::vector<Event> events{log.event(EventType::messageSent, "c"),
                              log.event(EventType::messageSent, "d")};
    events[0].clientMessageId = ClientMessageId::fromStored("m1");
    REQUIRE(log.append(events));
    EventLookup lookup(log.db());
    const Event& first = events[0];
    const Event& second = events[1];
    const auto found = lookup.byId(first.conversationKey, first.id);
    REQUIRE((found.ok() && *found));
    CHECK((*found)->position == first.position);
    CHECK_FALSE(lookup.byId(second.conversationKey, first.id)->has_value());

    const auto id = ClientMessageId::fromStored("m1");
    CHECK(lookup.byClientMessageId(first.conversationKey, first.actorKey, id)->has_value());
    CHECK_FALSE(lookup.byClientMessageId(first.conversationKey, {99}, id)->has_value());
    CHECK_FALSE(lookup.byClientMessageId(second.conversationKey, first.actorKey, id)->has_value());
}

TEST_CASE("an event is known by its position and fingerprint together") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(2));
    EventLookup lookup(log.db());
    const auto fingerprint = fingerprintOf(log.head().hash);
    CHECK(*lookup.has({2}, fingerprint));
    CHECK_FALSE(*lookup.has({1}, fingerprint));
    CHECK_FALSE(*lookup.has({3}, fingerprint));
}

TEST_CASE("texts without an event have no number") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(1));
    KeyLookup keys(log.db());
    CHECK(keys.find(ConversationId::fromStored("c"))->has_value());
    CHECK(keys.find(UserId::fromStored("anna"))->has_value());
    CHECK_FALSE(keys.find(ConversationId::fromStored("anna"))->has_value());
    CHECK_FALSE(keys.find(UserId::fromStored("c"))->has_value());
}

TEST_CASE("the log's end shows which users had started and not stopped typing") {
    TempFolder folder;
    WrittenLog log(folder.path());
    std::vector<Event> events{log.event(EventType::typingStarted, "c", "old"),
                              log.event(EventType::typingStarted, "c", "anna"),
                              log.event(EventType::typingStarted, "c", "bert"),
                              log.event(EventType::typingStopped, "c", "anna"),
                              log.event(EventType::typingStarted, "d", "anna"),
                              log.event(EventType::messageSent, "c", "carl")};
    for (std::size_t i = 1; i < events.size(); ++i) events[i].at.value += 7000;
    REQUIRE(log.append(events));
    const auto open = openTyping(log.db(), std::chrono::milliseconds(6000));
    REQUIRE(open.ok());
    REQUIRE(open->size() == 2);
    CHECK((*open)[0].actor.str() == "bert");
    CHECK((*open)[1].conversation.str() == "d");
}

TEST_CASE("a conflict tells the last messages that its sender may see, within the limits") {
    TempFolder folder;
    WrittenLog log(folder.path());
    REQUIRE(log.append(limits::kUnseenMessagesMax + 2));
    std::vector<Event> events{log.event(EventType::messageSent, "c", "robot", UserRole::robot),
                              log.event(EventType::typingStarted)};
    events[0].visible = false;
    REQUIRE(log.append(events));
    ConversationSeqs seqs(log.db());
    UnseenReader reader(log.db(), seqs);
    const auto conversation = events[0].conversationKey;
    const auto few = reader.after(conversation, {100}, Viewer());
    REQUIRE(few.ok());
    CHECK_FALSE(few->more);
    REQUIRE(few->messages.size() == 2);
    CHECK(few->messages[0].seq == Seq{101});
    const auto asStaff = reader.after(conversation, {100}, Viewer::of({}, UserRole::agent));
    REQUIRE(asStaff.ok());
    CHECK(asStaff->messages.back().seq == Seq{103});
    const auto many = reader.after(conversation, {}, Viewer());
    REQUIRE(many.ok());
    CHECK(many->more);
    CHECK(many->messages.size() == limits::kUnseenMessagesMax);
    CHECK(many->messages.front().seq == Seq{3});
}
