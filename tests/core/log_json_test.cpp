#include <parley/core/json.h>
#include <parley/core/log_json.h>

#include <catch2/catch.hpp>

#include <string>

using namespace parley;

namespace {

Json read(const std::string& line) {
    auto json = parseJson("{" + logFieldsJson(line) + "}");
    REQUIRE(json.has_value());
    return std::move(*json);
}

}  // namespace

TEST_CASE("a line of the log becomes its name and its fields") {
    const auto json = read(R"(listening url=http://localhost:3500 data="/my data" position=7)");
    CHECK(json["event"] == "listening");
    CHECK(json["fields"]["url"] == "http://localhost:3500");
    CHECK(json["fields"]["data"] == "/my data");
    CHECK(json["fields"]["position"] == "7");
    CHECK_FALSE(json.contains("text"));
}

TEST_CASE("a quote within quoted words does not end them, and an empty value is one") {
    const auto json = read(R"(failed message="there is no "x"; did you mean "y"?" code= by=)");
    CHECK(json["fields"]["message"] == R"(there is no "x"; did you mean "y"?)");
    CHECK(json["fields"]["code"] == "");
    CHECK(json["fields"]["by"] == "");
}

TEST_CASE("what has no form of a field is text, and nothing is lost") {
    const auto json = read("state a=1 and then b=2");
    CHECK(json["fields"]["a"] == "1");
    CHECK(json["text"] == "and then b=2");
    CHECK(read("Words alone.")["text"] == "Words alone.");
    CHECK(read("")["event"] == "");
    CHECK(read(R"(cut message="no end)")["text"] == R"(message="no end)");
    CHECK(read("one")["event"] == "one");
}
