#pragma once

#include "gateway/calls/loop_batch.h"
#include "gateway/gateway_state.h"

#include <parley/broadcast/delivery.h>
#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <map>
#include <memory>
#include <tuple>
#include <variant>
#include <vector>

namespace parley {

/// Runs after each commit, on the writer's thread; on a node of a cluster once a majority has it,
/// on one thread at a time. Lets the broadcasters encode each frame once, brings the tails of
/// history and who types up to date, and posts the whole batch to every loop, in log order.
class Publisher final : public OutcomeSink {
public:
    explicit Publisher(GatewayState& shared) : shared_(shared) {}
    /// Adds a loop; `receiver` gets its batches there. Call it for every loop before the engine
    /// gets its first request. Both outlive this.
    void add(net::Loop& loop, BatchReceiver& receiver) { targets_.push_back({&loop, &receiver}); }
    void publish(BatchOutcome batch) override;
    /// Hands one delivery, of no event of the log, to all loops. Any thread.
    void tell(Delivery delivery);

private:
    struct Target {
        net::Loop* loop;
        BatchReceiver* receiver;
    };
    std::unique_ptr<JoinAnswer> joinAnswer(const JoinReply& joined);
    void addSteps(const Outcome& outcome, std::vector<LoopStep>& steps);
    void layOutByRoom(std::vector<LoopStep>& steps);
    void post(const std::shared_ptr<const LoopBatch>& batch, std::size_t bytes) const;

    GatewayState& shared_;
    std::vector<Target> targets_;
    // Kept for their memory:
    std::vector<Delivery> deliveries_;  // of one update
    std::vector<Delivery*> byRoom_;     // of one batch
    // The conversations that joins of the current batch are shown, encoded: mostly one text for
    // staff and one for customers.
    using Shown = std::tuple<const ConversationState*, ConversationFigures, /*customer*/ bool>;
    std::map<Shown, std::shared_ptr<const std::string>> shown_;
    std::size_t shownBytes_ = 0;
};

}  // namespace parley
