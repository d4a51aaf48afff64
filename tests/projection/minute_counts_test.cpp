// The counts of the last minutes are those of the log, whether they were read on or begin anew.
#include "projection/stored_life.h"

#include <parley/projection/minute_counts.h>

using namespace parley;
using namespace parley::test;

namespace {

MinuteCounts::Answer ask(MinuteCounts& counts, StoredLife& life, int minutes) {
    LogTimes times(life.db());
    const auto now = times.head();
    REQUIRE(now.ok());
    auto answer = counts.read(life.db(), times, now->at, minutes);
    REQUIRE(answer.ok());
    return *answer;
}

}  // namespace

TEST_CASE("minutes count messages by role and starts, and none is left out") {
    std::mt19937 random(5);
    StoredLife life;
    MinuteCounts kept;
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i < 20; ++i) life.runAny(random);
        life.pass(std::chrono::seconds(23));
        MinuteCounts fresh;
        const auto a = ask(kept, life, 30);
        const auto b = ask(fresh, life, 30);
        REQUIRE(a.minutes.size() == 30);
        REQUIRE_FALSE(a.completeSince);
        REQUIRE(a.upTo == b.upTo);
        const auto events = life.events();
        for (std::size_t i = 0; i < a.minutes.size(); ++i) {
            const auto& minute = a.minutes[i];
            REQUIRE(minute.at == b.minutes[i].at);
            REQUIRE(minute.messages == b.minutes[i].messages);
            if (i > 0) REQUIRE(minute.at.value == a.minutes[i - 1].at.value + 60'000);
            std::int64_t messages = 0;
            std::int64_t started = 0;
            for (const auto& event : events) {
                if (event.at.value / 60'000 != minute.at.value / 60'000) continue;
                if (isMessage(event.type)) ++messages;
                if (event.type == EventType::conversationStarted) ++started;
            }
            std::int64_t counted = 0;
            for (const auto one : minute.messages) counted += one;
            REQUIRE(counted == messages);
            REQUIRE(minute.started == started);
        }
    }
}
