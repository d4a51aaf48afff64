#include "gateway/calls/publisher.h"

#include "gateway/gateway_state.h"

#include <catch2/catch.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace parley;

namespace {

/// A loop that carries out what is posted at once.
class FakeLoop final : public net::Loop {
public:
    LoopIndex index() const override { return {}; }
    void post(std::function<void()> task, std::size_t bytes) override {
        bytesPosted += bytes;
        task();
    }
    engineio::Endpoint& sessions() override { throw std::logic_error("unused"); }
    void respond(std::uint64_t, net::HttpResponse) override {}
    void answerOwnPagesOnly(std::uint64_t) override {}
    void after(std::chrono::milliseconds, std::function<void()>) override {}
    const Clock& clock() const override { return clock_; }

    std::size_t bytesPosted = 0;

private:
    SystemClock clock_;
};

/// One line for each step.
class Recorder final : public BatchReceiver {
public:
    void receive(const LoopBatch& batch) override {
        for (const auto& step : batch.steps) {
            std::visit([this](const auto& one) { lines.push_back(lineOf(one)); }, step);
        }
    }
    std::vector<std::string> lines;

private:
    static std::string of(ConnectionId connection) { return std::to_string(connection.value); }
    static std::string lineOf(const Delivery&) { return "delivery"; }
    static std::string lineOf(const SubscriptionChange& change) {
        return (change.change.index() == 0 ? "subscribe " : "unsubscribe ") + of(change.connection);
    }
    static std::string lineOf(const SubscriptionLost& lost) {
        return "lost " + of(lost.connection);
    }
    static std::string lineOf(const TakenOver& taken) {
        return "taken over " + of(taken.connection);
    }
    static std::string lineOf(const Answer& answer) {
        if (answer.http) return "http " + std::to_string(answer.http->status);
        if (answer.reply) return answer.reply->ok() ? "reply" : "no reply";
        return answer.frame ? std::string(answer.frame->payload()) : "nothing";
    }
};

struct World {
    World() { publisher.add(loop, recorder); }
    std::vector<std::string> publish(std::vector<Outcome> outcomes) {
        BatchOutcome batch;
        batch.outcomes = std::move(outcomes);
        publisher.publish(std::move(batch));
        return std::exchange(recorder.lines, {});
    }

    GatewayOptions options;
    SystemClock clock;
    GatewayState shared{options, clock};
    Publisher publisher{shared};
    FakeLoop loop;
    Recorder recorder;
};

Outcome outcomeOf(ReplyAddress address, Result<Reply> reply) {
    Outcome outcome;
    outcome.origin = {ConnectionId{7}, ReplyTo(address)};
    outcome.reply = std::move(reply);
    return outcome;
}

ReplyAddress call(WireRequest request, std::optional<std::uint64_t> ackId) {
    return ReplyAddress::ofCall({}, {ConnectionId{7}, request, ackId});
}

const Error kRefusal{ErrorCode::busy, "later"};

}  // namespace

TEST_CASE("each request is answered in the way it asked for") {
    World world;
    const Reply done = DoneReply{};
    CHECK(world.publish({outcomeOf(call(WireRequest::leaveRoom, 12), Reply(DoneReply{}))}) ==
          std::vector<std::string>{R"(4312[{"success":true}])"});
    CHECK(world.publish(
              {outcomeOf(call(WireRequest::leaveRoom, std::nullopt), Reply(DoneReply{}))}) ==
          std::vector<std::string>{R"(42["leave_room",{"success":true}])"});
    CHECK(world.publish({outcomeOf(call(WireRequest::typingStop, std::nullopt),
                                   Reply(DoneReply{}))}) == std::vector<std::string>{"nothing"});
    CHECK(world.publish({outcomeOf(call(WireRequest::typingStop, std::nullopt), kRefusal)}) ==
          std::vector<std::string>{R"(42["exception",{"status":"error","message":"later",)"
                                   R"("code":"busy","event":"typing_stop"}])"});
    CHECK(world.publish({outcomeOf(ReplyAddress::ofHttp({}, 1), done),
                         outcomeOf(ReplyAddress::ofHttp({}, 2), kRefusal),
                         outcomeOf(ReplyAddress::ofContinuation({}, 3), done),
                         outcomeOf(ReplyAddress::ofContinuation({}, 4), kRefusal)}) ==
          std::vector<std::string>{"http 200", "http 503", "reply", "no reply"});
}

TEST_CASE("an outcome that nobody waits for is told to no loop") {
    World world;
    auto outcome = outcomeOf({}, Reply(DoneReply{}));
    outcome.answered = false;
    CHECK(world.publish({outcome}).empty());
}

TEST_CASE("subscriptions change before the answer, and a session is taken over before both") {
    World world;
    auto outcome = outcomeOf(ReplyAddress::ofContinuation({}, 1), Reply(ResumeReply{}));
    outcome.takenOver = ConnectionId{3};
    outcome.subscription = Subscribe{ConversationKey{1}, Viewer{}};
    outcome.removal = Removal{ConversationKey{1}, {ConnectionId{4}, ConnectionId{5}}};
    CHECK(world.publish({outcome}) ==
          std::vector<std::string>{"taken over 3", "subscribe 7", "lost 4", "lost 5", "reply"});
}
