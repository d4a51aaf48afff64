#include <parley/core/flat_json.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("a flat object is read up to its closing brace") {
    const std::string text = R"({"a":"x\\n","b":-12,"c":true,"d":null},1])";
    FlatJson object;
    REQUIRE(object.read(text));
    CHECK(text.substr(object.size()) == ",1]");
    CHECK(object.find("a")->kind == FlatJson::Kind::string);
    CHECK(object.find("a")->escaped);
    CHECK(object.find("b")->number == -12);
    CHECK(object.find("c")->number == 1);
    CHECK(object.find("d")->kind == FlatJson::Kind::null);
    CHECK(object.find("e") == nullptr);
}

TEST_CASE("nested JSON and invalid JSON are not read") {
    for (const char* text : {"",
                             "{",
                             "[]",
                             R"({"a":[]})",
                             R"({"a":{}})",
                             R"({"a":1.5})",
                             R"({"a":1e3})",
                             R"({"a":01})",
                             R"({"a":-0})",
                             R"({"a":-})",
                             R"({"a":"b})",
                             R"({"a" :1})",
                             R"({"a":tru})",
                             R"({"a":1,})",
                             R"({"a":1 })",
                             R"({"a":1,"a":2})",
                             R"({"a\u0062":1})",
                             R"({"a":"\x"})",
                             R"({"a":"\ud83d"})",
                             R"({"a":1234567890123456})",
                             "{\"a\":\"\n\"}"}) {
        CAPTURE(text);
        FlatJson object;
        CHECK_FALSE(object.read(text));
    }
}

TEST_CASE("escapes become their characters") {
    CHECK(unescapeJson(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
    CHECK(unescapeJson(R"(\u0041\u00e9\u4e2d\ud83d\ude00)") == "A\u00e9\u4e2d\U0001F600");
    CHECK(unescapeJson("plain") == "plain");
    CHECK_FALSE(unescapeJson(R"(\ude00)"));
    CHECK_FALSE(unescapeJson(R"(\ud83dx)"));
    CHECK_FALSE(unescapeJson("\\"));
    CHECK_FALSE(unescapeJson(R"(\u12)"));
}
