#include "broadcast/told.h"

#include <memory>

using namespace parley;
using namespace parley::test;

namespace {

Event sent() {
    Event event;
    event.position = {42};
    event.seq = {3};
    event.id = *Uuid::parse("0190b6a2-7c1e-7000-8000-00000000002a");
    event.at = kAt;
    event.type = EventType::messageSent;
    event.conversation = conversation();
    event.actor = user("alice");
    event.conversationKey = {11};
    event.actorKey = {5};
    event.role = UserRole::customer;
    event.messageType = MessageType::text;
    event.visible = true;
    event.content = "say \"hi\"\n";
    return event;
}

MessageAdded added(Event event) {
    return {.message = std::make_shared<const Event>(std::move(event)), .messageCount = 2};
}

const std::string kMessage =
    R"({"id":"0190b6a2-7c1e-7000-8000-00000000002a","conversationId":"c1","fromUserId":"alice",)"
    R"("fromRole":"cx-customer","content":"say \"hi\"\n","type":"text",)"
    R"("timestamp":"2026-01-31T08:15:30.042Z","isVisible":true,"seq":3,"position":42})";

}  // namespace

TEST_CASE("a message is told to dashboards without its content, then to the whole room") {
    const auto frames = told(added(sent()));
    REQUIRE(frames.size() == 2);
    CHECK(isForDashboards(frames[0]));
    CHECK(textOf(frames[0]) ==
          R"(42["conversation_updated",{"conversationId":"c1","changes":{"messageCount":2,)"
          R"("lastMessageAt":"2026-01-31T08:15:30.042Z","updatedAt":"2026-01-31T08:15:30.042Z",)"
          R"("lastFromRole":"cx-customer"},)"
          R"("timestamp":"2026-01-31T08:15:30.042Z"}])");
    CHECK(frames[1].room == ConversationKey{11});
    CHECK(textOf(frames[1]) == "42[\"new_message\"," + kMessage + "]");
}

TEST_CASE("the sender of a message receives it like everybody in the room") {
    CHECK_FALSE(told(added(sent()))[1].except);
}

TEST_CASE("a message's frame says where its JSON stands") {
    const auto frames = told(added(sent()));
    CHECK(frames[0].messageJson().empty());
    CHECK(frames[1].messageJson() == kMessage);
}

TEST_CASE("a message's cursors name half of the event to dashboards and all of it to the room") {
    const auto frames = told(added(sent()));
    CHECK(cursorOf(frames[0]) == R"(,"41.5:AAAAAAAA"])");
    CHECK(cursorOf(frames[1]) == R"(,"42:AAAAAAAA"])");
}

TEST_CASE("of customers, only its author receives a hidden message") {
    Event note = sent();
    note.visible = false;
    const auto frames = told(added(note));
    const auto& toRoom = frames[1];
    CHECK_FALSE(toRoom.visible);
    CHECK(toRoom.author == UserKey{5});
    CHECK(visible(toRoom.visible, toRoom.author, Viewer::of(UserKey{5}, UserRole::customer)));
    CHECK_FALSE(visible(toRoom.visible, toRoom.author, Viewer::of(UserKey{6}, UserRole::customer)));
    CHECK(visible(toRoom.visible, toRoom.author, Viewer::of(UserKey{6}, UserRole::agent)));
}

TEST_CASE("a message's optional fields follow the others, in the wire's order") {
    Event shared = sent();
    shared.type = EventType::messageShared;
    shared.toRole = UserRole::customer;
    shared.original = Uuid::parse("0190b6a2-7c1e-7000-8000-000000000001");
    shared.clientMessageId = *ClientMessageId::parse("m1", "clientMessageId");
    const auto text = textOf(told(added(shared))[1]);
    CHECK(text.ends_with(R"("position":42,"toRole":"cx-customer",)"
                         R"("originalMessageId":"0190b6a2-7c1e-7000-8000-000000000001",)"
                         R"("clientMessageId":"m1"}])"));
}

TEST_CASE("dashboards are told when a wait begins and when it ends") {
    auto asked = added(sent());
    asked.beginsWait = true;
    CHECK(textOf(told(asked)[0])
              .find(R"("waitingSince":"2026-01-31T08:15:30.042Z",)"
                    R"("lastFromRole":"cx-customer"})") != std::string::npos);
    Event answer = sent();
    answer.role = UserRole::agent;
    CHECK(
        textOf(told(added(answer))[0]).find(R"("waitingSince":null,"lastFromRole":"cx-agent"})") !=
        std::string::npos);
    answer.visible = false;
    CHECK(textOf(told(added(answer))[0]).find("waitingSince") == std::string::npos);
}
