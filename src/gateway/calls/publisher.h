#pragma once

#include "gateway/calls/answer.h"
#include "gateway/shared.h"

#include <parley/broadcast/delivery.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <map>
#include <memory>
#include <variant>
#include <vector>

namespace parley {

/// A connection's subscription begins or ends, between the broadcasts before and after it.
struct SubscriptionChange {
    ConnectionId connection{};
    std::variant<Subscribe, Unsubscribe> change;
};

/// A subscription ends because another user took the connection's out of the conversation.
struct SubscriptionLost {
    ConnectionId connection{};
    ConversationKey conversation;
};

/// A connection's session went to another one: it receives nothing more and is ended.
struct TakenOver {
    ConnectionId connection{};
};

/// One request's answer, ready to be sent by the loop that submitted the request.
struct Answer {
    ConnectionId connection{};  ///< that asked; 0: REST
    ReplyAddress address;
    engineio::FramePtr frame;                 ///< sockets; null: nothing to send, or `joined`
    std::unique_ptr<JoinAnswer> joined;       ///< sockets and REST: instead of `frame` and `http`
    std::unique_ptr<net::HttpResponse> http;  ///< REST
    std::unique_ptr<const Result<Reply>> reply;  ///< steps
};

using Step = std::variant<Delivery, SubscriptionChange, SubscriptionLost, TakenOver, Answer>;

/// What one commit means for the loops, in order. Shared by all of them.
struct LoopBatch {
    std::vector<Step> steps;
};

/// Takes a LoopBatch on its loop's thread.
class BatchReceiver {
public:
    virtual ~BatchReceiver() = default;
    virtual void receive(const LoopBatch& batch) = 0;
};

/// Runs on the writer's thread after each commit: lets the broadcasters encode each frame once,
/// brings the tails of history up to date and posts the whole batch to every loop, in log order.
class Publisher final : public OutcomeSink {
public:
    explicit Publisher(Shared& shared) : shared_(shared) {}
    /// Call for every loop before the engine gets its first request.
    void add(net::Loop& loop, BatchReceiver& receiver) { targets_.push_back({&loop, &receiver}); }
    void publish(BatchOutcome batch) override;

private:
    struct Target {
        net::Loop* loop;
        BatchReceiver* receiver;
    };
    std::unique_ptr<JoinAnswer> joinAnswer(const Joined& joined);
    void addSteps(const Outcome& outcome, std::vector<Step>& steps);
    void layOutByRoom(std::vector<Step>& steps);

    Shared& shared_;
    std::vector<Target> targets_;
    // Kept for their memory:
    std::vector<Delivery> deliveries_;  // of one update
    std::vector<Delivery*> byRoom_;     // of one batch
    // The conversations that joins of the batch in work are shown, encoded: mostly one text for
    // staff and one for customers.
    using Shown = std::pair<const ConversationState*, ConversationFigures>;
    std::map<Shown, std::shared_ptr<const std::string>> shown_;
    std::size_t shownBytes_ = 0;
};

}  // namespace parley
