#include "engine/weight.h"

#include <catch2/catch.hpp>

using namespace parley;

namespace {

ConversationId room() {
    return ConversationId::fromStored("room");
}
UserId user(std::string id) {
    return UserId::fromStored(std::move(id));
}
std::size_t weigh(Work work) {
    return weightOf(Request{Origin{}, std::move(work)});
}

}  // namespace

TEST_CASE("every command weighs all the text that it holds") {
    CHECK(weigh(Command(JoinRoom{room(), user("ann"), UserRole::agent})) == 7);
    CHECK(weigh(Command(LeaveRoom{room(), {}})) == 4);
    CHECK(weigh(Command(LeaveRoom{room(), user("ann")})) == 7);
    CHECK(weigh(Command(RemoveParticipant{room(), user("ann"), user("bob")})) == 10);
    CHECK(weigh(Command(SendMessage{.conversation = room(),
                                    .from = user("ann"),
                                    .fromRole = {},
                                    .content = std::string(1000, 'x'),
                                    .type = MessageType::text,
                                    .toRole = {},
                                    .isVisible = {},
                                    .clientMessageId = ClientMessageId::fromStored("m"),
                                    .expectedSeq = {}})) == 1008);
    CHECK(weigh(Command(StartTyping{room(), user("ann"), "Ann Nym"})) == 14);
    CHECK(weigh(Command(StopTyping{room(), user("ann")})) == 7);
    CHECK(weigh(Command(EndTyping{room(), user("ann"), cause::kTimeout})) == 7);
    CHECK(weigh(Command(ShareRobotMessage{room(), Uuid(), user("ann")})) == 7);
}

TEST_CASE("a conversation's start weighs its title, its description and every participant") {
    StartConversation start{.conversation = room(),
                            .createdBy = user("ann"),
                            .createdByRole = UserRole::agent,
                            .title = std::string(1024, 't'),
                            .description = std::string(16 * 1024, 'd'),
                            .initialParticipants = {}};
    for (int i = 0; i < 100; ++i) {
        start.initialParticipants.push_back({user(std::string(128, 'u')), UserRole::agent});
    }
    CHECK(weigh(Command(start)) == 7 + 1024 + 16 * 1024 + 100 * 128);
}

TEST_CASE("requests that hold no text weigh nothing") {
    CHECK(weigh(ConnectionClosed{}) == 0);
    CHECK(weigh(Barrier{}) == 0);
    CHECK(weigh(OpenSession{}) == 0);
    CHECK(weigh(ResumeSession{}) == 0);
    CHECK(weigh(WatchDashboard{}) == 0);
}
