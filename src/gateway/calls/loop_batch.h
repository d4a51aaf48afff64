#pragma once

#include "gateway/calls/answer.h"
#include "gateway/calls/reply_address.h"

#include <parley/broadcast/delivery.h>
#include <parley/core/numbers.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <chrono>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

/// What the writer's thread hands to the loops. Immutable from then on: all loops read the same.
namespace parley {

/// A connection's subscription begins or ends, between the broadcasts before and after it.
struct SubscriptionChange {
    ConnectionId connection;
    std::variant<Subscribe, Unsubscribe> change;
};

/// A connection's subscription ends because another user removed the connection's user from the
/// conversation.
struct SubscriptionLost {
    ConnectionId connection;
    ConversationKey conversation;
};

/// Another connection resumed this connection's session: this one receives nothing more and ends.
struct TakenOver {
    ConnectionId connection;
    bool comesBack = false;  ///< see Outcome
};

/// The answer to one request, for the loop that submitted it.
struct Answer {
    ConnectionId connection;  ///< that asked; 0: REST
    ReplyAddress address;
    engineio::FramePtr frame;                    ///< sockets; null: nothing to send, or `joined`
    std::unique_ptr<JoinAnswer> joined;          ///< sockets and REST, instead of `frame` or `http`
    std::unique_ptr<net::HttpResponse> http;     ///< REST
    std::unique_ptr<const Result<Reply>> reply;  ///< continuations
    std::optional<ErrorCode> refusal{};          ///< why it was refused
};

using LoopStep = std::variant<Delivery, SubscriptionChange, SubscriptionLost, TakenOver, Answer>;

/// What one commit means for the loops, in the order of the log.
struct LoopBatch {
    std::vector<LoopStep> steps;
    std::chrono::microseconds committedAt{0};  ///< preciseTime; 0: nothing of it is broadcast
};

/// Takes a LoopBatch on its loop's thread.
class BatchReceiver {
public:
    virtual ~BatchReceiver() = default;
    virtual void receive(const LoopBatch& batch) = 0;
};

}  // namespace parley
