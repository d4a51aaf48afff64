#include <parley/domain/decide.h>
#include <parley/domain/visibility.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

ConversationId conversation() {
    return ConversationId::fromStored("c1");
}
UserId user(const std::string& id) {
    return UserId::fromStored(id);
}

// A conversation that carries out commands on itself, as the writer does.
struct World {
    ConversationState state;
    std::vector<EventType> last;
    Event lastEvent;

    World() { state.id = conversation(); }

    Result<std::vector<Event>> run(const Command& command, const DecideContext& context = {}) {
        auto events = decide(state, command, context);
        last.clear();
        if (!events) return events;
        for (auto& event : *events) {
            event.seq = {state.lastSeq.value + 1};
            evolve(state, event);
            last.push_back(event.type);
            lastEvent = event;
        }
        return events;
    }

    Command say(const std::string& from, UserRole role, const std::string& text) {
        return SendMessage{
            conversation(), user(from), role, text, MessageType::text, {}, {}, {}, {}};
    }
};

using Types = std::vector<EventType>;

}  // namespace

TEST_CASE("the first join starts the conversation, the second only joins") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.last == Types{EventType::conversationStarted, EventType::participantJoined});
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.last == Types{EventType::participantJoined});
}

TEST_CASE("joining again changes nothing, joining in another role is an event") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.last.empty());
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::supervisor}).ok());
    REQUIRE(world.last == Types{EventType::participantJoined});
    REQUIRE(world.state.participants.size() == 1);
    REQUIRE(world.state.participants.begin()->role == UserRole::supervisor);
}

TEST_CASE("a message ends its author's typing first") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "Anna"}).ok());
    REQUIRE(world.run(world.say("anna", UserRole::customer, "hello")).ok());
    REQUIRE(world.last == Types{EventType::typingStopped, EventType::messageSent});
    REQUIRE(world.state.typing.empty());
    REQUIRE(world.state.figures.messageCount == 1);
}

TEST_CASE("an automatic stop says nothing about who does not type") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(EndTyping{conversation(), user("anna"), cause::kTimeout}).ok());
    REQUIRE(world.last.empty());
}

TEST_CASE("only who takes part can type or leave") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    for (const Command& command : {Command(StartTyping{conversation(), user("eve"), "Eve"}),
                                   Command(StopTyping{conversation(), user("eve")}),
                                   Command(LeaveRoom{conversation(), user("eve")})}) {
        const auto refused = world.run(command);
        REQUIRE_FALSE(refused.ok());
        REQUIRE(refused.error().code == ErrorCode::not_participant);
    }
}

TEST_CASE("only who takes part can be removed, and the event says who did it") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(StartTyping{conversation(), user("anna"), "Anna"}).ok());
    const auto refused = decide(world.state, RemoveParticipant{conversation(), user("eve"), {}});
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::not_participant);

    const auto removal = RemoveParticipant{conversation(), user("anna"), user("bob \"b\"")};
    const auto events = decide(world.state, removal);
    REQUIRE(events.ok());
    REQUIRE(events->size() == 2);
    REQUIRE(events->front().type == EventType::typingStopped);
    const Event& left = events->back();
    REQUIRE(left.type == EventType::participantLeft);
    REQUIRE(left.actor == user("anna"));
    REQUIRE(left.role == UserRole::customer);
    REQUIRE(left.version == 2);
    REQUIRE(left.cause == cause::kRemoved);
    REQUIRE(left.data == R"({"by":"bob \"b\""})");

    const auto byNobody = decide(world.state, RemoveParticipant{conversation(), user("anna"), {}});
    REQUIRE(byNobody->back().data == "{}");
    REQUIRE(byNobody->back().cause == cause::kRemoved);
}

TEST_CASE("who is subscribed can leave without taking part, and nothing happens") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    DecideContext context;
    context.subscribed = true;
    const auto events = decide(world.state, LeaveRoom{conversation(), user("eve")}, context);
    REQUIRE(events.ok());
    REQUIRE(events->empty());
}

TEST_CASE("a command without its defaults is refused, whatever the state") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    auto nameless = std::get<SendMessage>(world.say("anna", UserRole::customer, "hello"));
    nameless.from.reset();
    auto roleless = std::get<SendMessage>(world.say("anna", UserRole::customer, "hello"));
    roleless.fromRole.reset();
    for (const Command& command :
         {Command(LeaveRoom{conversation(), {}}), Command(nameless), Command(roleless)}) {
        const auto refused = decide(world.state, command);
        REQUIRE_FALSE(refused.ok());
        REQUIRE(refused.error().code == ErrorCode::missing_field);
    }
}

TEST_CASE("expectedSeq refuses once there is a later message that the sender may see") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    auto send = std::get<SendMessage>(world.say("anna", UserRole::customer, "hello"));
    send.expectedSeq = Seq{1};
    REQUIRE(world.run(send).ok());  // joins and starts are nobody's to expect
    DecideContext context;
    context.lastSeen = world.state.lastSeq;
    const auto refused = world.run(send, context);
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::conflict);
    send.expectedSeq = context.lastSeen;
    REQUIRE(world.run(send, context).ok());
}

TEST_CASE("expectedSeq beyond the last event of any kind is a conflict") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    auto send = std::get<SendMessage>(world.say("anna", UserRole::customer, "hello"));
    send.expectedSeq = Seq{world.state.lastSeq.value + 1};
    const auto refused = world.run(send);
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::conflict);
    send.expectedSeq = world.state.lastSeq;
    REQUIRE(world.run(send).ok());
}

TEST_CASE("staff share a robot's message as a visible copy; nobody else can") {
    World world;
    REQUIRE(world.run(JoinRoom{conversation(), user("bob"), UserRole::agent}).ok());
    REQUIRE(world.run(JoinRoom{conversation(), user("anna"), UserRole::customer}).ok());
    REQUIRE(world.run(world.say("r2", UserRole::robot, "try again")).ok());
    const Event robots = world.lastEvent;
    REQUIRE(robots.visible == false);
    const DecideContext context{&robots};
    const auto refused =
        world.run(ShareRobotMessage{conversation(), robots.id, user("anna")}, context);
    REQUIRE_FALSE(refused.ok());
    REQUIRE(refused.error().code == ErrorCode::forbidden);
    REQUIRE(world.run(ShareRobotMessage{conversation(), robots.id, user("bob")}, context).ok());
    REQUIRE(world.lastEvent.type == EventType::messageShared);
    REQUIRE(world.lastEvent.visible == true);
    REQUIRE(world.lastEvent.content == "try again");
    REQUIRE(world.lastEvent.original == robots.id);
}

TEST_CASE("what customers may see") {
    using enum UserRole;
    using Type = MessageType;
    REQUIRE(visibleToCustomers(agent, Type::text, {}, {}));
    REQUIRE(visibleToCustomers(supervisor, Type::system, {}, {}));
    REQUIRE(visibleToCustomers(agent, Type::text, customer, {}));
    REQUIRE(visibleToCustomers(customer, Type::text, robot, {}));
    REQUIRE_FALSE(visibleToCustomers(robot, Type::text, {}, true));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::robot, {}, {}));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::text, supervisor, {}));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::text, robot, true));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::text, {}, false));
}

TEST_CASE("a customer never receives a note, but always what they wrote; staff receive all") {
    const UserKey author{7};
    REQUIRE_FALSE(visible(false, author, Viewer{UserKey{8}, UserRole::customer}));
    REQUIRE_FALSE(visible(false, author, Viewer{UserKey{0}, UserRole::customer}));
    REQUIRE(visible(false, author, Viewer{author, UserRole::customer}));
    REQUIRE(visible(true, author, Viewer{UserKey{8}, UserRole::customer}));
    for (const auto role : {UserRole::agent, UserRole::supervisor, UserRole::robot}) {
        REQUIRE(visible(false, author, Viewer{UserKey{8}, role}));
    }
}
