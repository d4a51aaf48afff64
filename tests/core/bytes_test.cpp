#include <parley/core/bytes.h>

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

using namespace parley;

namespace {

std::string written(std::uint64_t value) {
    ByteWriter out;
    out.number(value);
    return out.take();
}

}  // namespace

TEST_CASE("numbers are written in as few bytes as they need, and read again") {
    CHECK(written(0) == std::string(1, '\0'));
    CHECK(written(127) == "\x7f");
    CHECK(written(128) == "\x80\x01");
    CHECK(written(300) == "\xac\x02");
    for (const auto value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                             std::uint64_t{1} << 35, std::numeric_limits<std::uint64_t>::max()}) {
        const auto bytes = written(value);
        ByteReader in(bytes);
        CHECK(in.number() == value);
        CHECK(in.isComplete());
    }
}

TEST_CASE("signed numbers near 0 are short") {
    for (const auto value :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63}, std::int64_t{-64}}) {
        ByteWriter out;
        out.signedNumber(value);
        CHECK(out.size() == 1);
    }
    for (const auto value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-5'000'000'000},
                             std::numeric_limits<std::int64_t>::max()}) {
        ByteWriter out;
        out.signedNumber(value);
        const auto bytes = out.take();
        ByteReader in(bytes);
        CHECK(in.signedNumber() == value);
    }
}

TEST_CASE("a number that is longer than it needs to be, or than 64 bits, is refused") {
    for (const std::string& bytes :
         {std::string("\x80\x00", 2), std::string("\xff\x80\x00", 3),
          std::string(9, '\xff') + "\x02", std::string(10, '\xff'), std::string("\x80")}) {
        ByteReader in(bytes);
        CHECK(in.number() == 0);
        CHECK(in.failed());
    }
}

TEST_CASE("texts and bytes come back, and nothing beyond the end is read") {
    ByteWriter out;
    out.text("abc");
    out.raw(std::array<std::uint8_t, 2>{7, 8});
    const auto bytes = out.take();
    ByteReader in(bytes);
    CHECK(in.text(3) == "abc");
    std::array<std::uint8_t, 2> pair{};
    in.raw(pair);
    CHECK(pair == std::array<std::uint8_t, 2>{7, 8});
    CHECK(in.isComplete());
    CHECK(in.byte() == 0);
    CHECK(in.failed());
    CHECK_FALSE(in.isComplete());
}

TEST_CASE("a text that is too long, or longer than what is left, is refused") {
    ByteWriter out;
    out.text("abcd");
    const auto bytes = out.take();
    ByteReader small(bytes);
    CHECK(small.text(3).empty());
    CHECK(small.failed());
    ByteReader cut(std::string_view(bytes).substr(0, 3));
    CHECK(cut.text(10).empty());
    CHECK(cut.failed());
}

TEST_CASE("after a failure everything reads as nothing") {
    ByteReader in("\x05");
    CHECK(in.text(10).empty());
    CHECK(in.number() == 0);
    CHECK(in.byte() == 0);
    CHECK(in.failed());
}
