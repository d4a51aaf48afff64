#include "cluster/node_parts.h"

#include <parley/core/check.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

// Not carried out, and asked again of the next leader; or not known, as this process ends.
bool isUntold(const Error& error) {
    return error.code == ErrorCode::unavailable || error.code == ErrorCode::shutting_down;
}

}  // namespace

Node::Node(NodeOptions options, ReplicatedLog& log, MessageBus& bus, const Clock& clock,
           Random& random, OutcomeSink& publisher, const Replica::Place& place)
    : parts_(
          std::make_shared<Parts>(std::move(options), log, bus, clock, random, publisher, place)) {}

Node::~Node() {
    stop();
}

Gate& Node::gate() {
    return parts_->replica;
}

void Node::begin(RequestTaker& engine) {
    auto& parts = *parts_;
    parts.engine = &engine;
    parts.inbox.emplace(engine);
    const auto now = parts.clock.monotonic();
    parts.election.hearsLeader(now);
    {
        const std::lock_guard lock(parts.mutex);
        parts.twins.begin(now);
        parts.caughtUp = now;
        parts.isBegun = true;
    }
    parts.bus.listen(
        parts.subjectOf("mark", "*"),
        [its = parts_](std::string_view, std::string_view bytes) { its->hear(bytes); });
    parts.bus.listen(
        parts.subjectOf("req", parts.options.node),
        [its = parts_](std::string_view, std::string_view bytes) { its->take(bytes); });
    parts.log.follow(parts.replica.mark().sequence + 1, [its = parts_] { its->hearNews(); });
    if (!parts.options.stepped) parts.thread = std::thread([&parts] { parts.run(); });
}

void Node::stop() {
    auto& parts = *parts_;
    {
        const std::lock_guard lock(parts.mutex);
        if (std::exchange(parts.isStopped, true)) return;
        parts.mayLead = false;
    }
    parts.forwarder.close();
    parts.replica.resign();
    parts.replica.stop();
    parts.wake.notify_all();
    parts.room.notify_all();
    if (parts.thread.joinable()) parts.thread.join();
    parts.tellMark(parts.clock.monotonic());
    // Nothing goes to the engine or the publisher from now on.
    const std::scoped_lock ended(parts.taking, parts.publishing);
}

void Node::tellTokenRules(std::uint64_t hash) {
    parts_->tokens.store(hash);
}

Result<void> Node::submit(Request request) {
    std::vector<Request> one;
    one.push_back(std::move(request));
    Result<void> done;
    submit(one, [&](const Request&, const Error& error) { done = error; });
    return done;
}

void Node::submit(std::vector<Request>& requests, const NotTaken& notTaken) {
    parts_->forwarder.submit(requests, notTaken);
}

void Node::publish(BatchOutcome batch) {
    auto& parts = *parts_;
    const auto sequence = parts.replica.mark().sequence;
    std::vector<Outcome> told;
    bool leadsNoMore = false;
    for (auto& outcome : batch.outcomes) {
        const auto number = RequestTag::in(outcome.origin.replyTo);
        const bool isOwn = number.run == parts.options.run;
        if (isOwn && number.number == 0) {
            parts.noteApplied(outcome);
            continue;
        }
        if (!outcome.reply && isUntold(outcome.reply.error())) {
            leadsNoMore = true;
            continue;
        }
        // Nobody told the other nodes of a failure, and what frees things is never dropped: the
        // next leader is asked for both.
        const bool isLost = batch.hasFailed && (!isOwn || !outcome.answered);
        if (!outcome.reply && (isLost || Parts::isOfStorage(outcome.reply.error()))) {
            parts.stepDown();
            continue;
        }
        if (isOwn) parts.forwarder.decided(number.number);
        told.push_back(std::move(outcome));
    }
    parts.outcomes.add(sequence, std::move(told));
    parts.release();
    if (leadsNoMore) parts.wakeUp();
}

void Node::step() {
    parts_->turn();
}

Result<StreamEnds> Node::streamEnds() const {
    return parts_->log.ends();
}

NodeState Node::state() const {
    const auto& parts = *parts_;
    const auto now = parts.clock.monotonic();
    NodeState state;
    state.node = parts.options.node;
    state.connected = parts.bus.connected();
    state.waitingRequests = parts.forwarder.waiting();
    state.forwarded = parts.forwarder.forwarded();
    state.resent = parts.forwarder.resent();
    const auto place = parts.replica.place();
    state.applied = place.mark;
    state.position = place.head.position;
    state.leads = parts.replica.leads();
    state.appendDurations = parts.replica.appendDurations();
    state.appendsRefused = parts.replica.appendsRefused();
    state.durableDurations = parts.outcomes.durations();
    state.resubscribed = parts.log.resubscribed();
    const std::lock_guard lock(parts.mutex);
    const auto* leader = parts.membership.leader(now);
    if (state.leads) {
        state.leader = state.node;
    } else if (leader && leader->mark.leads) {
        state.leader = leader->mark.name;
    }
    state.isVoter = parts.membership.isVoter(state.node);
    state.durable = parts.membership.durable();
    state.newest = std::max(parts.membership.sequenceHeard(), place.mark.sequence);
    if (state.applied.sequence < state.newest) state.behindFor = now - parts.caughtUp;
    state.hearsMajority = parts.membership.hearsMajority(now);
    state.misconfigured = parts.misconfigured(now);
    state.streamLost = parts.streamLost.counts();
    state.tokensDiffer = parts.tokensDiffer.counts();
    state.split = parts.split;
    if (state.split.empty() && parts.membership.differsFromMost()) {
        state.split = "most voters have another event at the same place";
    }
    state.differing = parts.membership.differing();
    state.incarnationHeard = parts.membership.incarnationHeard(now);
    state.hasCaughtUp = parts.hasCaughtUp;
    state.elections = parts.elections;
    for (const auto& [name, node] : parts.membership.others()) {
        state.peers.push_back({name, parts.membership.isVoter(name),
                               now - node.heard <= parts.options.leaderTimeout,
                               node.mark.applied.sequence, now - node.heard});
    }
    return state;
}

}  // namespace parley
