#include <parley/gateway/calls/request_parser.h>

#include <catch2/catch.hpp>

#include <string>

using namespace parley;

namespace {

Result<FollowLog> parsed(const char* text) {
    return parseJoinLog(*parseJson(text, {}));
}

std::string codeOf(const char* text) {
    const auto follow = parsed(text);
    return follow ? "ok" : std::string(follow.error().name());
}

}  // namespace

TEST_CASE("join_log without a body follows everything from now on") {
    for (const auto* text : {"null", "{}", R"({"filter":null,"after":null})", R"({"filter":{}})"}) {
        const auto follow = parsed(text);
        REQUIRE(follow.ok());
        CHECK_FALSE(follow->after);
        CHECK_FALSE(follow->query.conversation);
        CHECK_FALSE(follow->query.user);
        CHECK(follow->query.types.empty());
    }
}

TEST_CASE("the filter of join_log") {
    const auto follow = parsed(
        R"({"after":7,"filter":{"conversationId":"c","userId":"u","type":"message_sent,typing_started"}})");
    REQUIRE(follow.ok());
    CHECK(follow->after == Position{7});
    CHECK(follow->query.conversation->str() == "c");
    CHECK(follow->query.user->str() == "u");
    CHECK(follow->query.types == std::vector{EventType::messageSent, EventType::typingStarted});
    const auto listed = parsed(R"({"filter":{"type":["message_sent","message_shared"]}})");
    REQUIRE(listed.ok());
    CHECK(listed->query.types == std::vector{EventType::messageSent, EventType::messageShared});
}

TEST_CASE("what is no filter is refused") {
    CHECK(codeOf("7") == "invalid_request");
    CHECK(codeOf("[]") == "invalid_request");
    CHECK(codeOf(R"({"filter":7})") == "invalid_request");
    CHECK(codeOf(R"({"after":-1})") == "invalid_value");
    CHECK(codeOf(R"({"filter":{"conversationId":""}})") == "invalid_id");
    for (const auto* type : {R"("")", R"("message")", R"("message_sent,")", "7", "{}", "[]", "[7]",
                             R"(["message_sent",null])"}) {
        CAPTURE(type);
        CHECK(codeOf((R"({"filter":{"type":)" + std::string(type) + "}}").c_str()) ==
              "invalid_value");
    }
}
