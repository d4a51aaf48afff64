#include "support/engine_world.h"

using namespace parley;
using namespace parley::test;

namespace {

Request numbered(std::uint64_t number) {
    Origin origin;
    origin.replyTo = ReplyTo(number);
    return {origin, Command(message("c", "u", UserRole::agent, "text"))};
}

}  // namespace

TEST_CASE("requests that are handed over together are carried out in their order") {
    EngineWorld world;

    std::vector<Request> requests;
    for (std::uint64_t i = 1; i <= 100; ++i) requests.push_back(numbered(i));
    world.engine().submit(requests,
                          [](const Request&, const Error& error) { FAIL(error.message); });
    CHECK(requests.empty());

    const auto& outcomes = world.settle();
    REQUIRE(outcomes.size() == 100);
    for (std::uint64_t i = 1; i <= 100; ++i)
        CHECK(outcomes[i - 1].origin.replyTo.as<std::uint64_t>() == i);
}

TEST_CASE("of requests handed over together, each refused one is reported") {
    EngineWorld world;
    world.engine().stop();

    std::vector<Request> requests{numbered(1), numbered(2)};
    std::vector<std::uint64_t> refused;
    world.engine().submit(requests, [&](const Request& request, const Error& error) {
        CHECK(error.code == ErrorCode::shutting_down);
        refused.push_back(request.origin.replyTo.as<std::uint64_t>());
    });
    CHECK(refused == std::vector<std::uint64_t>{1, 2});
    CHECK(requests.empty());
}

TEST_CASE("a request that a refusal causes waits until requests are handed over again") {
    EngineWorld world;
    world.engine().stop();

    std::vector<Request> requests;
    for (std::uint64_t i = 1; i <= 3; ++i) requests.push_back(numbered(i));
    std::vector<std::uint64_t> refused;
    // A client that cannot take its refusal is closed, which is one more request.
    world.engine().submit(requests, [&](const Request& request, const Error&) {
        const auto number = request.origin.replyTo.as<std::uint64_t>();
        refused.push_back(number);
        for (std::uint64_t i = 0; i < 100; ++i) requests.push_back(numbered(100 * number + i));
    });
    CHECK(refused == std::vector<std::uint64_t>{1, 2, 3});
    REQUIRE(requests.size() == 300);
    CHECK(requests.front().origin.replyTo.as<std::uint64_t>() == 100);
    CHECK(requests.back().origin.replyTo.as<std::uint64_t>() == 399);
}
