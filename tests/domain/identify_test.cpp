#include <parley/domain/identify.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

const ConversationId kRoom = ConversationId::fromStored("room");
const UserId kAnn = UserId::fromStored("ann");
const UserId kBob = UserId::fromStored("bob");

const Principal kAgent{.kind = PrincipalKind::person, .user = kAnn, .role = UserRole::agent};
const Principal kService{.kind = PrincipalKind::service,
                         .user = UserId::fromStored("back"),
                         .actsAs = {UserRole::customer, UserRole::agent}};

SendMessage send(std::optional<UserId> from, std::optional<UserRole> role) {
    return {.conversation = kRoom,
            .from = from,
            .fromRole = role,
            .content = "hi",
            .toRole = {},
            .isVisible = {},
            .clientMessageId = {},
            .expectedSeq = {}};
}

// The command as `identify` leaves it; nothing where it is refused, for naming somebody else.
std::optional<Command> identified(Command command, const Principal& principal) {
    const auto done = identify(command, principal);
    if (done) return command;
    CHECK(done.error().code == ErrorCode::forbidden);
    return std::nullopt;
}

}  // namespace

TEST_CASE("a message without an author is the principal's, in its role") {
    const auto command = identified(send({}, {}), kAgent);
    REQUIRE(command);
    const auto& sent = std::get<SendMessage>(*command);
    CHECK(sent.from == kAnn);
    CHECK(sent.fromRole == UserRole::agent);
}

TEST_CASE("a command may repeat what the token says, and nothing else") {
    CHECK(identified(send(kAnn, UserRole::agent), kAgent));
    CHECK_FALSE(identified(send(kBob, {}), kAgent));
    CHECK_FALSE(identified(send({}, UserRole::supervisor), kAgent));
    CHECK(identified(StartTyping{kRoom, kAnn, "Ann"}, kAgent));
    CHECK_FALSE(identified(StartTyping{kRoom, kBob, "Bob"}, kAgent));
    CHECK_FALSE(identified(StopTyping{kRoom, kBob}, kAgent));
    CHECK_FALSE(identified(ShareRobotMessage{kRoom, Uuid{}, kBob}, kAgent));
    CHECK_FALSE(identified(JoinRoom{kRoom, kAnn, UserRole::supervisor}, kAgent));
    CHECK_FALSE(identified(StartConversation{kRoom, kBob, UserRole::agent, {}, {}, {}}, kAgent));
    CHECK_FALSE(identified(EndTyping{kRoom, kAnn, cause::kTimeout}, kAgent));
}

TEST_CASE("a leave that names another user is a removal by the principal") {
    const auto own = identified(LeaveRoom{kRoom, {}}, kAgent);
    REQUIRE(own);
    CHECK(std::get<LeaveRoom>(*own).user == kAnn);
    const auto other = identified(LeaveRoom{kRoom, kBob}, kAgent);
    REQUIRE(other);
    const auto& removal = std::get<RemoveParticipant>(*other);
    CHECK(removal.user == kBob);
    CHECK(removal.by == kAnn);
    CHECK(actionOf(*other, kAgent) == Action::moveOthers);
    CHECK(actionOf(*own, kAgent) == Action::leave);
}

TEST_CASE("a join of another user brings that user in, in any role") {
    const auto join = identified(JoinRoom{kRoom, kBob, UserRole::customer}, kAgent);
    REQUIRE(join);
    CHECK(actionOf(*join, kAgent) == Action::moveOthers);
    CHECK(actingUser(*join, kAgent) == kAnn);
    CHECK(actionOf(JoinRoom{kRoom, kAnn, UserRole::agent}, kAgent) == Action::join);
}

TEST_CASE("a service acts as the users that it names, in the roles that its token lists") {
    const auto sent = identified(send(kBob, UserRole::customer), kService);
    REQUIRE(sent);
    CHECK(actingUser(*sent, kService) == kBob);
    CHECK_FALSE(identified(send(kBob, UserRole::supervisor), kService));
    const auto join = identified(JoinRoom{kRoom, kBob, UserRole::agent}, kService);
    REQUIRE(join);
    CHECK(actionOf(*join, kService) == Action::join);
    const auto leave = identified(LeaveRoom{kRoom, kBob}, kService);
    REQUIRE(leave);
    CHECK(std::holds_alternative<LeaveRoom>(*leave));
    CHECK_FALSE(actingUser(send({}, {}), kService));
}

TEST_CASE("nobody gives itself another role in what it starts, and a customer takes part in it") {
    const Principal customer{
        .kind = PrincipalKind::person, .user = kAnn, .role = UserRole::customer};
    const auto start = [](std::vector<NamedParticipant> first) {
        return StartConversation{.conversation = kRoom,
                                 .createdBy = kAnn,
                                 .createdByRole = UserRole::customer,
                                 .title = {},
                                 .description = {},
                                 .initialParticipants = std::move(first)};
    };
    CHECK_FALSE(identified(start({{kAnn, UserRole::supervisor}}), customer));
    CHECK_FALSE(identified(start({{kBob, UserRole::supervisor}}), kService));
    for (auto first : {std::vector<NamedParticipant>{}, {{kAnn, UserRole::customer}}}) {
        const auto started = identified(start(first), customer);
        REQUIRE(started);
        const auto& known = std::get<StartConversation>(*started).initialParticipants;
        REQUIRE(known.size() == 1);
        CHECK(known[0].user == kAnn);
    }
}

TEST_CASE("a principal of kind none changes and refuses nothing") {
    const auto command = identified(send(kBob, {}), Principal{});
    REQUIRE(command);
    CHECK(std::get<SendMessage>(*command).from == kBob);
    CHECK_FALSE(std::get<SendMessage>(*command).fromRole);
}

TEST_CASE("what a message does depends on its type and on who may see it") {
    auto note = send(kAnn, UserRole::agent);
    CHECK(actionOf(note, kAgent) == Action::send);
    note.isVisible = false;
    CHECK(actionOf(note, kAgent) == Action::sendHidden);
    note.isVisible.reset();
    note.toRole = UserRole::supervisor;
    CHECK(actionOf(note, kAgent) == Action::sendHidden);
    note.type = MessageType::system;
    CHECK(actionOf(note, kAgent) == Action::sendSystem);
    CHECK(actionOf(send(kBob, UserRole::robot), kService) == Action::sendHidden);
}

TEST_CASE("a watch is the principal's own, and an auditor watches as a supervisor") {
    const auto watching = [](std::optional<UserId> user, std::optional<UserRole> role) {
        return WatchRoom{.conversation = kRoom, .user = user, .role = role};
    };
    const Principal auditor{.kind = PrincipalKind::auditor, .user = kBob};
    for (const auto* principal : {&kAgent, &auditor}) {
        const auto role = principal->role.value_or(UserRole::supervisor);
        for (const auto& command :
             {watching({}, {}), watching(principal->user, role), watching({}, role)}) {
            const auto watch = std::get<WatchRoom>(*identified(command, *principal));
            CHECK(watch.user == principal->user);
            CHECK(watch.role == role);
        }
        CHECK_FALSE(identified(watching(UserId::fromStored("other"), {}), *principal));
        CHECK_FALSE(identified(watching({}, UserRole::robot), *principal));
    }
    CHECK(identified(watching(kAnn, UserRole::agent), kService));
    CHECK_FALSE(identified(watching(kAnn, UserRole::supervisor), kService));
}
