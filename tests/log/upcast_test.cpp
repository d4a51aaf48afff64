#include <parley/log/upcast.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

Event eventOf(EventType type, std::uint32_t version) {
    Event event;
    event.position = {7};
    event.type = type;
    event.version = version;
    return event;
}

}  // namespace

TEST_CASE("an event of an older payload version is brought to the current one") {
    const auto left = upcast(eventOf(EventType::participantLeft, 1));
    REQUIRE(left.ok());
    CHECK(left->version == 2);
    CHECK(left->cause.empty());
}

TEST_CASE("an event of the current payload version stays as it is") {
    for (int type = 1; type <= kEventTypeCount; ++type) {
        const auto known = static_cast<EventType>(type);
        const auto event = upcast(eventOf(known, currentVersion(known)));
        REQUIRE(event.ok());
        CHECK(event->version == currentVersion(known));
    }
}

TEST_CASE("a payload version that this program does not know is refused by name and position") {
    for (const std::uint32_t version : {0U, 3U}) {
        const auto event = upcast(eventOf(EventType::participantLeft, version));
        REQUIRE_FALSE(event.ok());
        CHECK(event.error().code == ErrorCode::storage_damaged);
        CHECK(event.error().message == "event 7 (participant_left) has payload version " +
                                           std::to_string(version) +
                                           ", this program knows up to 2");
    }
}
