// Ids with C1 controls, line separators or bidirectional overrides: older programs took them.
#include "support/engine_world.h"

#include <parley/log/event_log.h>
#include <parley/projection/rebuild.h>

using namespace parley;
using namespace parley::test;

namespace {

constexpr std::string_view kOldRoom = "room\xc2\x85";  // U+0085
constexpr std::string_view kOldUser =
    "\xe2\x80\xae"
    "anna";                                                // U+202E
constexpr std::string_view kOldMessage = "m\xe2\x80\xa8";  // U+2028

Event old(EventType type, std::int64_t seq, UuidGenerator& uuids) {
    Event event;
    event.type = type;
    event.conversation = ConversationId::fromStored(std::string(kOldRoom));
    event.actor = UserId::fromStored(std::string(kOldUser));
    event.role = UserRole::customer;
    event.seq = {seq};
    event.at = {1'700'000'000'000};
    event.id = uuids.next(event.at);
    if (type == EventType::messageSent) {
        event.messageType = MessageType::text;
        event.visible = true;
        event.clientMessageId = ClientMessageId::fromStored(std::string(kOldMessage));
        event.content = "hello";
    }
    return event;
}

// The data folder of a program that accepted such ids.
void writeOldLog(const std::filesystem::path& database) {
    SystemRandom random;
    UuidGenerator uuids(random);
    auto db = Database::openWriter(database);
    REQUIRE(db.ok());
    (*db)->allowCheckpointAtClose();
    auto log = EventLog::open(**db, random);
    REQUIRE(log.ok());
    std::vector<Event> events{old(EventType::conversationStarted, 1, uuids),
                              old(EventType::participantJoined, 2, uuids),
                              old(EventType::messageSent, 3, uuids)};
    REQUIRE((*db)->begin().ok());
    REQUIRE((*log)->append(events).ok());
    REQUIRE((*db)->commit().ok());
    (*log)->committed();
    REQUIRE(rebuildViews(**db).ok());
}

SendMessage said(std::string_view conversation, std::string_view from, std::string_view id) {
    auto send = message(conversation, from, UserRole::customer, "hello");
    send.clientMessageId = *ClientMessageId::parse(id, "clientMessageId");
    return send;
}

ErrorCode refusal(const Outcome& outcome) {
    REQUIRE_FALSE(outcome.reply.ok());
    return outcome.reply.error().code;
}

}  // namespace

TEST_CASE("a conversation that an older program stored under a deceptive id stays usable") {
    EngineWorld world;
    world.close();
    writeOldLog(world.database());
    world.open();

    const auto joined = world.join({1}, kOldRoom, kOldUser, UserRole::customer);
    REQUIRE(joined.reply.ok());
    CHECK(std::get<JoinReply>(*joined.reply).conversation->figures.messageCount == 1);
    const auto again = world.ask({1}, Command(said(kOldRoom, kOldUser, kOldMessage)));
    REQUIRE(again.reply.ok());
    CHECK(std::get<MessageReply>(*again.reply).message->seq == Seq{3});
    CHECK(world.ask({1}, Command(said(kOldRoom, kOldUser, "new"))).reply.ok());
    CHECK(world.join({2}, kOldRoom, "bob", UserRole::agent).reply.ok());
    CHECK(world.ask({2}, Command(StartTyping{room(kOldRoom), user(kOldUser), "A"})).reply.ok());
    CHECK(world.ask({2}, Command(LeaveRoom{room(kOldRoom), user(kOldUser)})).reply.ok());
}

TEST_CASE("no request brings a new deceptive id into the log") {
    EngineWorld world;
    world.join({1}, "a", "ann", UserRole::agent);
    const std::vector<Command> requests{
        JoinRoom{room(kOldRoom), user("ann"), UserRole::agent},
        JoinRoom{room("a"), user(kOldUser), UserRole::agent},
        said(kOldRoom, "ann", "m"),
        said("a", kOldUser, "m"),
        said("a", "ann", kOldMessage),
        StartTyping{room("a"), user(kOldUser), "A"},
        StopTyping{room(kOldRoom), user("ann")},
        LeaveRoom{room("a"), user(kOldUser)},
        ShareRobotMessage{room(kOldRoom), Uuid(), user("ann")},
        ShareRobotMessage{room("a"), Uuid(), user("ann"),
                          *ClientMessageId::parse(kOldMessage, "m")},
        StartConversation{room(kOldRoom), user("ann"), UserRole::agent, {}, {}, {}},
        StartConversation{room("b"), user(kOldUser), UserRole::agent, {}, {}, {}},
        StartConversation{
            room("b"), user("ann"), UserRole::agent, {}, {}, {{user(kOldUser), UserRole::agent}}},
    };
    for (std::size_t i = 0; i < requests.size(); ++i) {
        CAPTURE(i);
        CHECK(refusal(world.ask({1}, requests[i])) == ErrorCode::invalid_id);
    }
}
