#include "gateway/limits/limits.h"

#include <catch2/catch.hpp>

#include <string>

using namespace parley;
using namespace std::chrono_literals;
using Millis = std::chrono::milliseconds;

namespace {

const UserId kAnn = *UserId::parse("ann", "user");
const UserId kBob = *UserId::parse("bob", "user");

template <typename Ask>
int countUntilRefused(Ask&& ask) {
    int allowed = 0;
    while (allowed < 1000 && ask().ok()) ++allowed;
    return allowed;
}

}  // namespace

TEST_CASE("a request is refused by the first of its two buckets that is empty, and names it") {
    Limits limits({.messages = {10, 3}, .userMessages = {10, 5}});
    ClientLimits one;
    ClientLimits other;
    const auto send = [&](ClientLimits& from) {
        return limits.admit(from, kAnn, RateClass::messages, 1s);
    };
    CHECK(countUntilRefused([&] { return send(one); }) == 3);
    CHECK(send(one).error().message == "rate.messages is reached; try again in 100 ms");
    CHECK(send(one).error().retryAfterMs == 100);
    CHECK(limits.isSpent(one, RateClass::messages, 1s));
    CHECK(countUntilRefused([&] { return send(other); }) == 2);
    CHECK(send(other).error().message == "rate.user-messages is reached; try again in 100 ms");
    CHECK_FALSE(limits.isSpent(other, RateClass::messages, 1s));
    CHECK(limits.refused(Limit::messages) == 3);
    CHECK(limits.refused(Limit::userMessages) == 2);
}

TEST_CASE("where two buckets are empty, the wait is that of the one that fills later") {
    Limits limits({.messages = {10, 2}, .userMessages = {1, 2}, .userRest = {10, 2}});
    ClientLimits client;
    const auto send = [&] { return limits.admit(client, kAnn, RateClass::messages, 1s); };
    CHECK(countUntilRefused(send) == 2);
    CHECK(send().error().retryAfterMs == 1000);
    const auto post = [&] { return limits.admitRest(kBob, RateClass::messages, 1s); };
    CHECK(countUntilRefused(post) == 2);
    CHECK(post().error().retryAfterMs == 1000);
    CHECK(post().error().message.starts_with("rate.user-messages "));
    CHECK(limits.admitRest(kBob, RateClass::messages, 2s).ok());
}

TEST_CASE("what one bucket refuses is not taken from the other") {
    Limits limits({.messages = {1, 2}, .userMessages = {1, 3}});
    ClientLimits one;
    ClientLimits other;
    const auto send = [&](ClientLimits& from) {
        return limits.admit(from, kAnn, RateClass::messages, 1s).ok();
    };
    CHECK(send(one));
    CHECK(send(one));
    for (int i = 0; i < 50; ++i) CHECK_FALSE(send(one));  // by the connection's
    CHECK(send(other));
    for (int i = 0; i < 50; ++i) CHECK_FALSE(send(other));  // by the user's
    CHECK_FALSE(limits.isSpent(other, RateClass::messages, 1s));
}

TEST_CASE("a user has three times the typing and joins of a connection, however many it opens") {
    Limits limits({.typing = {1, 2}, .joins = {1, 2}});
    for (const auto kind : {RateClass::typing, RateClass::joins}) {
        for (int connection = 0; connection < 3; ++connection) {
            ClientLimits client;
            CHECK(countUntilRefused([&] { return limits.admit(client, kAnn, kind, 1s); }) == 2);
        }
        ClientLimits fresh;
        CHECK_FALSE(limits.admit(fresh, kAnn, kind, 1s).ok());
        CHECK(limits.admit(fresh, kBob, kind, 1s).ok());
        CHECK(countUntilRefused([&] { return limits.admitService(kAnn, kind, 1s); }) == 2);
        CHECK(countUntilRefused([&] { return limits.admitService(kBob, kind, 1s); }) == 2);
    }
}

TEST_CASE(
    "REST takes from the bucket of its requests and from that of their kind, or from neither") {
    Limits limits({.userMessages = {1, 2}, .userRest = {1, 5}});
    const auto ask = [&](RateClass kind) { return limits.admitRest(kAnn, kind, 1s); };
    CHECK(countUntilRefused([&] { return ask(RateClass::messages); }) == 2);
    CHECK(ask(RateClass::messages).error().message.starts_with("rate.user-messages "));
    CHECK(countUntilRefused([&] { return ask(RateClass::reads); }) == 3);
    CHECK(ask(RateClass::reads).error().message.starts_with("rate.user-rest "));
    CHECK(limits.usersCounted() == 1);
}

TEST_CASE("with all rates off nothing is refused and nothing remembered") {
    Limits limits({.messages = {},
                   .typing = {},
                   .reads = {},
                   .joins = {},
                   .userMessages = {},
                   .userReads = {},
                   .userRest = {},
                   .connects = {},
                   .authFailures = {},
                   .connectionsPerUserMax = 0});
    ClientLimits client;
    for (int i = 0; i < 1000; ++i) {
        CHECK(limits.admit(client, kAnn, RateClass::messages, 1s).ok());
        CHECK(limits.admitRest(kAnn, RateClass::reads, 1s).ok());
        CHECK(limits.admitConnect({7}, 1s).ok());
        limits.noteBadToken({7}, 1s);
    }
    CHECK(limits.tokenWait({7}, 1s) == 0ms);
    CHECK(limits.usersCounted() == 0);
    CHECK(limits.addressesCounted() == 0);
}

TEST_CASE("a wait of less than a millisecond is told as one") {
    CHECK(rateLimited(Limit::connects, 0ms).retryAfterMs == 1);
    CHECK(rateLimited(Limit::connects, Millis::max()).retryAfterMs == 1'000'000'000);
}
