#include "gateway/calls/calls.h"

#include "gateway/loop_world.h"

#include <parley/core/limits.h>

using namespace parley;
using namespace parley::test;

namespace {

Command leave(std::string_view conversation) {
    return LeaveRoom{room(conversation), user("u")};
}

std::string refused(std::uint64_t ackId, const std::string& code) {
    return "43" + std::to_string(ackId) + " " + code;
}

/// "431 busy" for each ack that refuses; acks that do not, without a code.
std::vector<std::string> acks(const std::vector<std::string>& frames) {
    std::vector<std::string> all;
    for (const auto& frame : frames) {
        const auto body = frame.find('[');
        const auto json = parseJson(std::string_view(frame).substr(body));
        REQUIRE(json);
        const auto& told = json->at(json->size() - 1);
        all.push_back(frame.substr(0, body));
        if (told.contains("code")) all.back() += " " + told.at("code").get<std::string>();
    }
    return all;
}

}  // namespace

TEST_CASE("what a turn of the loop gathers is handed to the writer together, and answered") {
    LoopWorld world;
    Client& client = world.connect();
    world.call(client, WireRequest::joinRoom, JoinRoom{room("c"), user("u"), UserRole::agent}, 1);
    world.call(client, WireRequest::leaveRoom, leave("c"), 2);
    world.call(client, WireRequest::leaveRoom, leave("unknown"), 3);
    CHECK(world.engine->counters().queueRequests == 0);
    CHECK(world.shared.requestsInFlight == 3);
    CHECK_FALSE(client.settled());
    world.calls.flush();
    CHECK(world.engine->counters().queueRequests == 3);
    world.turn();
    CHECK(world.engine->counters().batchesCommitted == 1);
    const auto told = acks(world.heard(client));
    REQUIRE(told.size() == 3);
    CHECK(told[0] == "431");
    CHECK(told[1] == "432");
    CHECK(told[2].starts_with("433 "));
    CHECK(world.shared.requestsInFlight == 0);
    CHECK(client.settled());
}

TEST_CASE("once a loop has gathered as many requests as it may, they go before the turn's end") {
    LoopWorld world;
    Client& client = world.connect();
    for (std::size_t i = 1; i < limits::kRequestsGatheredMax; ++i) {
        world.call(client, WireRequest::leaveRoom, leave("c"), i);
    }
    CHECK(world.engine->counters().queueRequests == 0);
    world.call(client, WireRequest::leaveRoom, leave("c"), 0);
    CHECK(world.engine->counters().queueRequests == limits::kRequestsGatheredMax);
}

TEST_CASE("while a loop lags all requests are refused, but the end of a connection is told") {
    LoopWorld world;
    Client& client = world.connect();
    Client& gone = world.connect();
    world.server.load.tasks = limits::kMailboxTasksMax + 1;
    std::string continued;
    world.call(client, WireRequest::leaveRoom, leave("c"), 5);
    world.calls.submit(client, Barrier{}, [&](Client&, const Result<Reply>& reply) {
        continued = reply.ok() ? "carried out" : reply.error().name();
    });
    world.calls.tell(gone, ConnectionClosed{});
    world.calls.flush();
    CHECK(acks(world.heard(client)) == std::vector<std::string>{refused(5, "busy")});
    CHECK(continued == "busy");
    CHECK(world.engine->counters().queueRequests == 1);
    CHECK(world.shared.requestsBusy == 1);
    CHECK(world.shared.requestsInFlight == 0);
    CHECK(client.settled());
}

TEST_CASE("a refusal waits for the answers to what the client asked before") {
    LoopWorld world;
    Client& client = world.connect();
    const Error error{ErrorCode::invalid_value, "no"};
    world.calls.refuseInOrder(client, 1, "odd", error);
    CHECK(acks(world.heard(client)) == std::vector<std::string>{refused(1, "invalid_value")});
    world.call(client, WireRequest::joinRoom, JoinRoom{room("c"), user("u"), UserRole::agent}, 2);
    world.calls.refuseInOrder(client, std::nullopt, "odd", error);
    CHECK(world.heard(client).empty());
    world.turn();
    const auto frames = world.heard(client);
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].starts_with("432["));
    CHECK(frames[1] == R"(42["exception",{"status":"error","message":"no",)"
                       R"("code":"invalid_value","event":"odd"}])");
}

TEST_CASE("a stopped writer refuses: calls under their name, and events that were to be refused") {
    LoopWorld world;
    Client& client = world.connect();
    world.engine->stop();
    world.call(client, WireRequest::leaveRoom, leave("c"), 1);
    world.calls.refuseInOrder(client, 2, "odd", {ErrorCode::invalid_value, "no"});
    world.calls.flush();
    CHECK(acks(world.heard(client)) ==
          std::vector<std::string>{refused(1, "shutting_down"), refused(2, "shutting_down")});
    CHECK(world.shared.requestsInFlight == 0);
    CHECK(client.settled());
}

TEST_CASE(
    "a client whose session the writer does not take is closed, as its pid is worth nothing") {
    LoopWorld world;
    Client& client = world.connect();
    Client& other = world.connect();
    world.engine->stop();
    world.calls.tell(client, OpenSession{});
    world.calls.tell(other, ConnectionClosed{});
    world.calls.flush();
    CHECK(world.isOpen(client));
    world.loop.run();
    CHECK_FALSE(world.isOpen(client));
    CHECK(world.net.closeReason() == engineio::CloseReason::comeBack);  // all polling clients do
    CHECK(world.isOpen(other));
    CHECK(world.shared.requestsInFlight == 0);
}

TEST_CASE("what is answered to a client that has gone reaches nobody") {
    LoopWorld world;
    Client& client = world.connect();
    bool continued = false;
    world.call(client, WireRequest::leaveRoom, leave("c"), 1);
    world.calls.submit(client, Barrier{}, [&](Client&, const Result<Reply>&) { continued = true; });
    world.calls.flush();
    world.clients.erase(client.connection());
    world.turn();
    CHECK_FALSE(continued);
    CHECK(world.shared.requestsInFlight == 0);
}

TEST_CASE("a client that left is told nothing of its earlier calls, but is settled by them") {
    LoopWorld world;
    Client& client = world.connect();
    bool continued = false;
    world.call(client, WireRequest::leaveRoom, leave("c"), 1);
    world.calls.submit(client, Barrier{}, [&](Client&, const Result<Reply>&) { continued = true; });
    REQUIRE(client.receive(false, "1"));
    CHECK_FALSE(client.settled());
    world.turn();
    CHECK(world.heard(client).empty());
    CHECK_FALSE(continued);
    CHECK(client.settled());
}

TEST_CASE("a REST request is answered by its number") {
    LoopWorld world;
    world.shared.requestsInFlight = 1;
    Answer answer;
    answer.address = ReplyAddress::ofHttp(world.loop.index(), 17);
    answer.http = std::make_unique<net::HttpResponse>();
    answer.http->status = 201;
    world.calls.answer(answer);
    REQUIRE(world.loop.responses.contains(17));
    CHECK(world.loop.responses[17].status == 201);
    CHECK(world.shared.requestsInFlight == 0);
}
