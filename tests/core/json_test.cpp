#include <parley/core/json.h>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace parley;

namespace {

std::string objectOf(int keys) {
    std::string text = "{";
    for (int i = 0; i < keys; ++i) {
        text += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
    }
    return text + "}";
}

}  // namespace

TEST_CASE("JSON deeper or wider than its limits is refused before it is parsed") {
    REQUIRE(parseJson(std::string(64, '[') + std::string(64, ']')));
    REQUIRE_FALSE(parseJson(std::string(65, '[') + std::string(65, ']')));
    REQUIRE(parseJson(objectOf(256)));
    REQUIRE_FALSE(parseJson(objectOf(257)));
    REQUIRE(parseJson("[" + objectOf(256) + "," + objectOf(256) + "]"));
    REQUIRE(parseJson(R"({"a":"{[,,,,]}","b":[1,2,3]})", {2, 2}));
}

TEST_CASE(
    "a number too large for a double is read as a large one, and an invalid number stays invalid") {
    const std::string digits(400, '9');
    for (const std::string& number :
         std::vector<std::string>{"1e400", "-1e400", digits, digits + ".5e1"}) {
        CAPTURE(number);
        const auto value = parseJson("[\"1e999\\\"\"," + number + "]");
        REQUIRE(value);
        CHECK(value->at(0) == "1e999\"");
        CHECK(std::abs(value->at(1).get<double>()) == 1e308);
        CHECK((value->at(1).get<double>() < 0) == number.starts_with('-'));
    }
    for (const char* text : {"[01e400]", "[1.e400]", "[1e400.5]", "[1e400e1]", "[.1e400]",
                             "[+1e400]", "[1e400-1]", "[1e]", "[1e400", "1e400x"}) {
        CAPTURE(text);
        CHECK_FALSE(parseJson(text));
    }
}

TEST_CASE("half a surrogate pair is read as NUL, a whole one as its character") {
    REQUIRE(parseJson(R"("a\ud83db")")->get<std::string>() == std::string("a\0b", 3));
    REQUIRE(parseJson(R"("\ude00")")->get<std::string>() == std::string("\0", 1));
    REQUIRE(parseJson(R"("\ud83d\ude00 \ud83d")")->get<std::string>() ==
            std::string("\xF0\x9F\x98\x80 \0", 6));
    REQUIRE(parseJson(R"("\\ud83d")")->get<std::string>() == "\\ud83d");
    REQUIRE_FALSE(parseJson(R"("\ud83)"));
    REQUIRE_FALSE(parseJson(R"("\ud83d)"));
}

TEST_CASE("a written JSON string reads back unchanged") {
    const std::string text = std::string("a\"\\/\b\f\n\r\t\x01\x1f", 11) + "é\u2028😀";
    std::string out;
    appendJsonString(out, text);
    REQUIRE(parseJson(out)->get<std::string>() == text);
}

TEST_CASE("every byte that needs an escape gets it, wherever it stands") {
    for (int c = 0; c < 0x80; ++c) {
        for (std::size_t at = 0; at < 20; ++at) {
            std::string text(20, 'x');
            text[at] = static_cast<char>(c);
            std::string out;
            appendJsonString(out, text);
            CAPTURE(c, at, out);
            const auto read = parseJson(out);
            REQUIRE(read);
            REQUIRE(read->get<std::string>() == text);
            const bool plain = c >= 0x20 && c != '"' && c != '\\';
            REQUIRE((out.size() == 22) == plain);
        }
    }
}

TEST_CASE("the values of a text are bounded in all, wherever they stand") {
    const JsonLimits limits{.valuesMax = 4};
    CHECK(parseJson("[1,2,3]", limits));
    CHECK_FALSE(parseJson("[1,2,3,4]", limits));
    CHECK(parseJson(R"({"a":[1],"b":2})", limits));
    CHECK_FALSE(parseJson("[[],[],[]]", limits));
    CHECK(parseJson(R"(["a,[b,]c,,,{"])", limits));
}
