#include "support/engine_world.h"

#include <parley/log/read/log_walk.h>

using namespace parley;
using namespace parley::test;

namespace {

RecordAudit record(std::string what) {
    return {{.what = std::move(what),
             .filters = R"({"conversationId":"c"})",
             .by = R"({"kind":"none"})"}};
}

std::vector<Event> eventsOf(EngineWorld& world) {
    auto db = Database::openReader(world.database());
    REQUIRE(db.ok());
    auto stored = LogWalk(**db).read({}, 1000);
    REQUIRE(stored.ok());
    std::vector<Event> events;
    for (auto& one : *stored) events.push_back(std::move(one.event));
    return events;
}

}  // namespace

TEST_CASE("a question is in the log when its record is answered") {
    EngineWorld world;
    world.say("c", "anna", "hello");
    world.settleWell();
    const auto outcome = world.ask({}, record("as_of"));
    REQUIRE(outcome.reply.ok());
    CHECK(outcome.updates.empty());
    const auto events = eventsOf(world);
    const auto& last = events.back();
    CHECK(last.type == EventType::auditRead);
    CHECK(last.conversation.str() == system_id::kConversation);
    CHECK(std::get<DoneReply>(*outcome.reply).position == last.position);
}

TEST_CASE("records in one batch and over a restart have numbers of their own") {
    EngineWorld world;
    world.submit({}, record("as_of"));
    world.submit({}, record("search"));
    world.say("c", "anna", "hello");
    world.submit({}, record("as_of"));
    world.settleWell();
    world.open();
    REQUIRE(world.ask({}, record("as_of")).reply.ok());
    std::vector<std::int64_t> seqs;
    for (const auto& event : eventsOf(world)) {
        if (event.type == EventType::auditRead) seqs.push_back(event.seq.value);
    }
    CHECK(seqs == std::vector<std::int64_t>{1, 2, 3, 4});
}
