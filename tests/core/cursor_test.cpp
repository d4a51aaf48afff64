#include <parley/core/cursor.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

constexpr Fingerprint kSome{{0xFB, 0xEF, 0xBE, 0x00, 0x10, 0x83}};

std::string textOf(const Cursor& cursor) {
    std::string text;
    appendCursor(text, cursor);
    return text;
}

}  // namespace

TEST_CASE("a room's cursor is its event's position and fingerprint") {
    const auto cursor = roomCursor({42}, kSome);
    REQUIRE(textOf(cursor) == "42:----ABCD");
    REQUIRE(parseCursor("42:----ABCD") == cursor);
    REQUIRE(cursor == Cursor{{42}, {42}, kSome});
}

TEST_CASE("a dashboard's cursor says that the room's part of the event is still to come") {
    const auto cursor = dashboardCursor({42}, kSome);
    REQUIRE(textOf(cursor) == "41.5:----ABCD");
    REQUIRE(parseCursor("41.5:----ABCD") == cursor);
    REQUIRE(cursor == Cursor{{41}, {42}, kSome});
}

TEST_CASE("cursors of versions that gave no fingerprint are read") {
    REQUIRE(parseCursor("42") == Cursor{{42}, {42}, std::nullopt});
    REQUIRE(parseCursor("41.5") == Cursor{{41}, {42}, std::nullopt});
    REQUIRE(textOf(Cursor{{41}, {42}, std::nullopt}) == "41.5");
    REQUIRE(parseCursor("0") == Cursor{});
}

TEST_CASE("an invalid cursor is refused") {
    for (const char* text : {"",
                             " ",
                             "-1",
                             "+1",
                             "1.",
                             "1.0",
                             "1.55",
                             ".5",
                             "x",
                             "1x",
                             "01",
                             "1e3",
                             "9223372036854775808",
                             "9223372036854775807.5",
                             "1 ",
                             "0x1",
                             "1:",
                             ":",
                             ":----ABCD",
                             "1:----ABC",
                             "1:----ABCDE",
                             "1:----ABC=",
                             "1:----AB+D",
                             "1:----ABCD:",
                             "1:----ABCD:----ABCD",
                             "1.:----ABCD",
                             "1 :----ABCD",
                             "1:----ABCD.5"}) {
        CAPTURE(text);
        REQUIRE_FALSE(parseCursor(text));
    }
}
