#include "support/engine_world.h"

using namespace parley;
using namespace parley::test;

namespace {

Command named(std::string_view id, std::string content) {
    auto send = message("a", "ann", UserRole::customer, std::move(content));
    send.clientMessageId = *ClientMessageId::parse(id, "clientMessageId");
    return send;
}

}  // namespace

TEST_CASE(
    "a message, its repetition and another one of the same clientMessageId may be one batch") {
    EngineWorld world;
    world.join({1}, "a", "ann", UserRole::customer);
    world.submit({1}, named("m", "once"));
    world.submit({1}, named("m", "once"));
    world.submit({1}, named("m", "twice"));
    world.submit({1}, named("n", "twice"));
    const auto& outcomes = world.settle();
    REQUIRE(outcomes.size() == 5);
    CHECK(world.sink().batches() == 2);

    const auto& first = std::get<MessageReply>(*outcomes[1].reply);
    const auto& again = std::get<MessageReply>(*outcomes[2].reply);
    CHECK(again.message->id == first.message->id);
    CHECK(again.message->content == "once");
    CHECK(outcomes[2].updates.empty());

    REQUIRE_FALSE(outcomes[3].reply.ok());
    CHECK(outcomes[3].reply.error().code == ErrorCode::client_message_id_reused);
    REQUIRE(outcomes[3].facts);
    CHECK(std::get<UsedBefore>(*outcomes[3].facts).message == first.message->id);

    CHECK(std::get<MessageReply>(*outcomes[4].reply).message->seq.value ==
          first.message->seq.value + 1);
}

TEST_CASE("a leave without a user, on a connection that joined nothing, is refused") {
    EngineWorld world;
    world.join({1}, "a", "ann", UserRole::customer);
    const auto refused = [&](ConnectionId connection, std::string_view conversation) {
        const auto outcome = world.ask(connection, Command(LeaveRoom{room(conversation), {}}));
        REQUIRE_FALSE(outcome.reply.ok());
        return outcome.reply.error().code;
    };
    CHECK(refused({2}, "a") == ErrorCode::missing_field);
    CHECK(refused({}, "a") == ErrorCode::missing_field);
    CHECK(refused({1}, "b") == ErrorCode::conversation_not_found);
}
