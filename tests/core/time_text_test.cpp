#include <parley/core/time_text.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

constexpr UnixMillis kNow{1'700'000'000'000};

UnixMillis read(std::string_view text, const TimeZone& zone = TimeZone::utc()) {
    return parseTime(text, zone, kNow).value();
}

}  // namespace

TEST_CASE("a time is read with its offset") {
    CHECK(toIso8601(read("2026-11-10T14:03Z")) == "2026-11-10T14:03:00.000Z");
    CHECK(toIso8601(read("2026-11-10T14:03:07Z")) == "2026-11-10T14:03:07.000Z");
    CHECK(toIso8601(read("2026-11-10T14:03:07.25Z")) == "2026-11-10T14:03:07.250Z");
    CHECK(toIso8601(read("2026-11-10T14:03:07.1239Z")) == "2026-11-10T14:03:07.123Z");
    CHECK(toIso8601(read("2026-11-11T01:33+05:30")) == "2026-11-10T20:03:00.000Z");
    CHECK(toIso8601(read("2026-11-10T20:03:00.001-03:30")) == "2026-11-10T23:33:00.001Z");
    CHECK(toIso8601(read("1969-12-31T23:59:59.999Z")) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("what the server writes as a time is read back as the same") {
    for (const std::int64_t at : {0LL, 1'700'000'000'123LL, 951'782'399'999LL}) {
        CHECK(read(toIso8601({at})) == UnixMillis{at});
        CHECK(read(TimeZone::of("Asia/Kolkata").value().iso({at})) == UnixMillis{at});
    }
}

TEST_CASE("a date is the first moment of that day in the zone") {
    CHECK(toIso8601(read("2026-11-10")) == "2026-11-10T00:00:00.000Z");
    const auto zone = TimeZone::of("Asia/Kolkata").value();
    CHECK(toIso8601(read("2026-11-10", zone)) == "2026-11-09T18:30:00.000Z");
}

TEST_CASE("a time can be so long ago") {
    const auto ago = [](std::string_view text) { return kNow.value - read(text).value; };
    CHECK(ago("-90s") == 90'000);
    CHECK(ago("-30m") == 1'800'000);
    CHECK(ago("-24h") == 86'400'000);
    CHECK(ago("-7d") == 7 * 86'400'000LL);
    CHECK(ago("-2w") == 14 * 86'400'000LL);
    CHECK(ago("-0d") == 0);
}

TEST_CASE("any other text is no time") {
    for (const char* text : {"",
                             " ",
                             "now",
                             "2026",
                             "2026-11",
                             "2026-13-01",
                             "2026-02-29",
                             "2026-11-10T14:03",
                             "2026-11-10T14:03:00",
                             "2026-11-10 14:03Z",
                             "2026-11-10T24:00Z",
                             "2026-11-10T14:60Z",
                             "2026-11-10T14:03:60Z",
                             "2026-11-10T14:03Zx",
                             "2026-11-10T14:03+0100",
                             "2026-11-10T14:03+01",
                             "2026-11-10T14:03.5Z",
                             "2026-11-10T14:03:00.Z",
                             "-7",
                             "-d",
                             "--7d",
                             "-7y",
                             "-7dd",
                             "-99999999999d",
                             "7d",
                             "1700000000000",
                             "2026-11-10T1:03Z",
                             "+026-11-10"}) {
        INFO(text);
        const auto time = parseTime(text, TimeZone::utc(), kNow);
        REQUIRE_FALSE(time.ok());
        CHECK(time.error().code == ErrorCode::invalid_value);
        CHECK(time.error().message.starts_with("\"" + std::string(text) + "\" is no time"));
    }
}
