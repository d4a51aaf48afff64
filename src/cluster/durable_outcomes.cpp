#include "cluster/durable_outcomes.h"

#include <parley/core/precise_time.h>

#include <utility>

namespace parley {
namespace {

// Stands for a connection of another process: it is none of this one's, and is not "none".
constexpr ConnectionId kElsewhere{~std::uint64_t{0}};

}  // namespace

void DurableOutcomes::add(std::uint64_t sequence, std::vector<Outcome> outcomes) {
    if (outcomes.empty()) return;
    const std::lock_guard lock(mutex_);
    waiting_.push_back({sequence, preciseTime(), std::move(outcomes)});
}

std::optional<BatchOutcome> DurableOutcomes::take(std::uint64_t durable, Forwarder& forwarder) {
    BatchOutcome batch;
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty() || waiting_.front().sequence > durable) return std::nullopt;
        durations_.observe(preciseTime() - waiting_.front().since);
        batch.outcomes = std::move(waiting_.front().outcomes);
        waiting_.pop_front();
    }
    for (auto& outcome : batch.outcomes) makeOwn(outcome, forwarder);
    return batch;
}

ConnectionId DurableOutcomes::localOf(ConnectionId connection) const {
    if (!connection) return {};
    const auto local = ClusterConnection::localOf(run_, connection);
    return local ? local : kElsewhere;
}

void DurableOutcomes::makeOwn(Outcome& outcome, Forwarder& forwarder) const {
    const auto number = RequestTag::in(outcome.origin.replyTo);
    const auto connection = ClusterConnection::localOf(run_, outcome.origin.connection);
    std::optional<Origin> origin;
    if (number.run == run_) origin = forwarder.settle(number.number);
    if (origin) {
        outcome.origin = std::move(*origin);
    } else {
        outcome.answered = false;
        outcome.origin = {};
        outcome.origin.connection = connection;
        if (!connection) outcome.subscription = std::monostate();
    }
    outcome.sender = localOf(outcome.sender);
    outcome.takenOver = ClusterConnection::localOf(run_, outcome.takenOver);
    for (auto& update : outcome.updates) {
        if (auto* typing = std::get_if<TypingChanged>(&update)) {
            typing->typedOn = localOf(typing->typedOn);
        }
    }
    if (!outcome.removal) return;
    std::vector<ConnectionId> here;
    for (const auto one : outcome.removal->connections) {
        if (const auto local = ClusterConnection::localOf(run_, one)) here.push_back(local);
    }
    outcome.removal->connections = std::move(here);
}

}  // namespace parley
