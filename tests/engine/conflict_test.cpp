#include "support/engine_world.h"

#include <parley/core/limits.h>

using namespace parley;
using namespace parley::test;

namespace {

constexpr std::string_view kRoom = "a";

std::size_t contentBytes(const Unseen& missed) {
    std::size_t bytes = 0;
    for (const auto& message : missed.messages) bytes += message.content.value_or("").size();
    return bytes;
}

Command conflicting() {
    auto send = message(kRoom, "bob", UserRole::agent, "late");
    send.expectedSeq = Seq{1};
    return send;
}

}  // namespace

TEST_CASE(
    "what the conflicts of one batch tell of what was missed is bounded, lastSeq is told to all") {
    constexpr std::size_t kConflicts = 100;
    EngineWorld world;
    for (int i = 0; i < 100; ++i) {
        world.ask({1}, Command(message(kRoom, "ann", UserRole::agent, std::string(2600, 'x'))));
    }
    for (std::size_t i = 0; i <= kConflicts; ++i) world.submit({2}, conflicting());
    const auto& outcomes = world.settle();
    REQUIRE(outcomes.size() == 100 + 1 + kConflicts);

    std::size_t bytes = 0;
    for (std::size_t i = 100; i < outcomes.size(); ++i) {
        const auto& outcome = outcomes[i];
        REQUIRE_FALSE(outcome.reply.ok());
        CHECK(outcome.reply.error().code == ErrorCode::conflict);
        const Unseen& missed = unseenIn(outcome);
        CHECK(missed.lastSeq.value > 100);
        CHECK((missed.more || !missed.messages.empty()));
        if (i > 100) bytes += contentBytes(missed);
    }
    CHECK(unseenIn(outcomes.at(100)).messages.size() > 90);
    CHECK(bytes <= 2 * (limits::kUnseenBatchBytesMax + limits::kUnseenBytesMax));
}
