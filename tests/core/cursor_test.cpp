#include <parley/core/cursor.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("a room's cursor is its event's position") {
    std::string text;
    appendRoomCursor(text, {42});
    REQUIRE(text == "42");
    REQUIRE(parseCursor(text) == Cursor{{42}, {42}});
}

TEST_CASE("a dashboard's cursor says that the room's part of the event is still to come") {
    std::string text;
    appendDashboardCursor(text, {42});
    REQUIRE(text == "41.5");
    REQUIRE(parseCursor(text) == Cursor{{41}, {42}});
}

TEST_CASE("what is no cursor is not taken for one") {
    for (const char* text : {"", " ", "-1", "+1", "1.", "1.0", "1.55", ".5", "x", "1x", "01", "1e3",
                             "9223372036854775808", "9223372036854775807.5", "1 ", "0x1"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parseCursor(text));
    }
    REQUIRE(parseCursor("0") == Cursor{});
}
