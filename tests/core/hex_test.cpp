#include <parley/core/hex.h>

#include <catch2/catch.hpp>

#include <array>

using namespace parley;

TEST_CASE("every byte is read back from its two digits, in either case") {
    for (int i = 0; i < 256; ++i) {
        const std::array byte{static_cast<std::uint8_t>(i)};
        std::string text = toHex(byte);
        std::array<std::uint8_t, 1> read{};
        REQUIRE(parseHex(text, read));
        CHECK(read == byte);
        for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
        REQUIRE(parseHex(text, read));
        CHECK(read == byte);
    }
    CHECK(toHex(std::array<std::uint8_t, 2>{0x0F, 0xA0}) == "0fa0");
}

TEST_CASE("a text with another character, too short or too long, is not hexadecimal") {
    std::array<std::uint8_t, 2> bytes{};
    for (const char* text : {"0fa", "0fa00", "0fag", "g0a0", "0f a", "+1a0", ""}) {
        CAPTURE(text);
        CHECK_FALSE(parseHex(text, bytes));
    }
    CHECK(hexByte('0', '/') == -1);
    CHECK(hexByte(':', '0') == -1);
    CHECK(hexByte('@', '0') == -1);
    CHECK(hexByte('`', '0') == -1);
}
