#include "log/written_log.h"
#include "support/temp_folder.h"

#include <parley/log/read/log_times.h>

#include <random>

using namespace parley;

TEST_CASE("a time names the last event that is not later, also where many share it") {
    TempFolder folder;
    WrittenLog log(folder.path());
    std::mt19937 random(5);
    std::vector<Event> events;
    std::vector<std::int64_t> times;
    std::int64_t at = 1'000'000;
    for (int i = 0; i < 200; ++i) {
        at += random() % 3 == 0 ? random() % 20 : 0;
        events.push_back(log.event(EventType::messageSent));
        events.back().at = {at};
        times.push_back(at);
    }
    REQUIRE(log.append(events));
    LogTimes reader(log.db());
    for (std::int64_t asked = times.front() - 3; asked < times.back() + 3; ++asked) {
        const auto later = std::upper_bound(times.begin(), times.end(), asked);
        const auto position = later - times.begin();
        const auto found = reader.at(UnixMillis{asked});
        REQUIRE(found.ok());
        CAPTURE(asked);
        CHECK(found->position.value == position);
        CHECK(found->at.value ==
              (position == 0 ? 0 : times[static_cast<std::size_t>(position - 1)]));
    }
    CHECK(*reader.head() == LogMoment{{200}, {times.back()}});
}

TEST_CASE("a position has its time, and beyond the log's end there is none") {
    TempFolder folder;
    WrittenLog log(folder.path());
    LogTimes reader(log.db());
    CHECK(*reader.head() == LogMoment{});
    CHECK(*reader.at(UnixMillis{5}) == LogMoment{});
    REQUIRE(log.append(2));
    CHECK(*reader.at(Position{0}) == LogMoment{});
    CHECK((*reader.at(Position{2}))->position == Position{2});
    CHECK_FALSE(*reader.at(Position{3}));
}
