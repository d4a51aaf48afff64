// The conversation as joins of one batch see it: docs/decisions/031-participants-have-a-limit.md.
#include "support/engine_world.h"

using namespace parley;
using namespace parley::test;

namespace {

const JoinReply& joinedIn(const Outcome& outcome) {
    REQUIRE(outcome.reply.ok());
    return std::get<JoinReply>(*outcome.reply);
}

std::vector<std::string> idsIn(const JoinReply& joined) {
    std::vector<std::string> ids;
    for (const auto& one : joined.conversation->participants) ids.push_back(one.user.str());
    return ids;
}

Work joinAs(std::string_view name) {
    return Command(JoinRoom{room("a"), user(name), UserRole::agent});
}

}  // namespace

TEST_CASE("consecutive joins share one view of the conversation, until something else happens") {
    EngineWorld world;
    world.join({1}, "a", "ann", UserRole::agent);
    world.ask({1}, Command(message("a", "ann", UserRole::agent, "one")));
    REQUIRE(world.sink().batches() == 2);
    // All of this becomes one batch.
    world.submit({2}, joinAs("bob"));
    world.submit({3}, joinAs("cora"));
    world.submit({1}, Command(StartTyping{room("a"), user("ann"), "Ann"}));
    world.submit({4}, joinAs("dan"));
    world.submit({1}, Command(message("a", "ann", UserRole::agent, "two")));
    world.submit({5}, joinAs("eve"));
    world.submit({1}, Command(LeaveRoom{room("a"), user("bob")}));
    world.submit({6}, joinAs("fay"));
    world.submit({2}, joinAs("bob"));
    const auto& outcomes = world.settle();
    REQUIRE(outcomes.size() == 11);
    REQUIRE(world.sink().batches() == 3);

    using Ids = std::vector<std::string>;
    const JoinReply& bob = joinedIn(outcomes[2]);
    const JoinReply& cora = joinedIn(outcomes[3]);
    const JoinReply& dan = joinedIn(outcomes[5]);
    CHECK(bob.conversation == cora.conversation);
    CHECK(bob.conversation == dan.conversation);
    CHECK(idsIn(bob) == Ids{"ann", "bob", "cora", "dan"});
    CHECK(bob.conversation->figures.messageCount == 1);
    CHECK(bob.position < cora.position);

    const JoinReply& eve = joinedIn(outcomes[7]);
    CHECK(idsIn(eve) == Ids{"ann", "bob", "cora", "dan", "eve"});
    CHECK(eve.conversation->figures.messageCount == 2);

    const JoinReply& fay = joinedIn(outcomes[9]);
    CHECK(fay.conversation == joinedIn(outcomes[10]).conversation);
    CHECK(idsIn(fay) == Ids{"ann", "cora", "dan", "eve", "fay", "bob"});
}
