#include <parley/gateway/calls/request_parser.h>

#include <catch2/catch.hpp>

#include <string>

using namespace parley;

namespace {

Result<SendMessage> sendExpecting(const std::string& number) {
    return parseSendMessage(
        *parseJson(R"({"conversationId":"c","content":"hi","expectedSeq":)" + number + "}"));
}

Result<HistoryRequest> readLimitedTo(const std::string& number) {
    return parseGetMessages(*parseJson(R"({"conversationId":"c","limit":)" + number + "}"));
}

}  // namespace

TEST_CASE("a whole number is one however JSON writes it") {
    for (const char* one : {"1", "1.0", "1e0", "10e-1", "0.1e1", "1.000"}) {
        CAPTURE(one);
        CHECK(sendExpecting(one)->expectedSeq == Seq{1});
        CHECK(readLimitedTo(one)->page.limit == 1);
    }
    CHECK(sendExpecting("-0.0")->expectedSeq == Seq{0});
    CHECK(sendExpecting("9e15")->expectedSeq == Seq{9'000'000'000'000'000});
}

TEST_CASE("a value that is not a whole number or does not fit is refused with its name") {
    for (const char* other : {"1.5", "1e-1", "-1.0", "1e19", "9.3e18", "-1e300", "1e308"}) {
        CAPTURE(other);
        const auto send = sendExpecting(other);
        REQUIRE_FALSE(send.ok());
        CHECK(send.error().code == ErrorCode::invalid_value);
        CHECK(send.error().message.starts_with("expectedSeq "));
    }
}
