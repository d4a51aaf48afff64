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

TEST_CASE("a quote before a blank does not end the words either") {
    const auto json = read(R"(failed message="cannot read "live.conf": the "x" of it" signal=1)");
    CHECK(json["fields"]["message"] == R"(cannot read "live.conf": the "x" of it)");
    CHECK(json["fields"]["signal"] == "1");
}

TEST_CASE("as text, quotes within quoted words are escaped, and nothing else changes") {
    CHECK(escapedLogLine(R"(failed message="no "x" in it" code= by=1)") ==
          R"(failed message="no \"x\" in it" code= by=1)");
    CHECK(escapedLogLine(R"(failed a="C:\b" b=c\d)") == R"(failed a="C:\\b" b=c\d)");
    for (const std::string line :
         {R"(listening url=http://localhost:3500 data="/my data" position=7)", "state a=1 and then",
          "Words alone.", "", R"(cut message="no end)", "one", R"(said "x" and)",
          R"(a b="" c=1)"}) {
        CHECK(escapedLogLine(line) == line);
    }
}
