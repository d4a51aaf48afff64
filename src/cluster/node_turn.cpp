#include "cluster/node_parts.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <map>
#include <utility>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTurn{50};
// Without news: a look into the stream asks its servers.
constexpr milliseconds kLook{1000};
// After a question that nobody could answer.
constexpr milliseconds kAgain{200};
// Looks for nodes that have gone.
constexpr milliseconds kBetweenLosses{200};

}  // namespace

void Node::Parts::run() {
    std::unique_lock lock(mutex);
    while (!isStopped) {
        lock.unlock();
        turn();
        lock.lock();
        wake.wait_for(lock, kTurn, [this] { return isWoken || isStopped; });
        isWoken = false;
    }
}

void Node::Parts::turn() {
    const auto now = clock.monotonic();
    watch(now);
    bool mayTakePart = false;
    {
        const std::lock_guard lock(mutex);
        if (!twins.hasListened(now) && !bus.connected()) twins.begin(now);
        mayTakePart = isFit(now);
    }
    pull(now);
    tellMark(now);
    if (mayTakePart) {
        release();
        takeRole(now);
        seekLeadership(now);
    } else {
        replica.resign();
        { const std::lock_guard lock(mutex); }  // the writer has not looked yet, or waits by now
        room.notify_all();
        forwarder.handToNobody();
    }
    giveUp();
}

// What the stream says of itself under load may be older than what was applied since.
void Node::Parts::watch(Time now) {
    const auto ends = log.endsHeard();
    const std::lock_guard lock(mutex);
    const auto applied = replica.mark().sequence;
    if (streamLost.note(ends && (!ends->exists || ends->last < applied), now)) {
        logger().critical("stream_lost exists={} last={} applied={}", ends->exists, ends->last,
                          applied);
    }
    const auto* leader = membership.leader(now);
    static_cast<void>(tokensDiffer.note(leader && leader->mark.tokens != tokens.load(), now));
}

// A leader need not read what it wrote, unless there is a newer epoch.
// The stream's servers are asked only for what others have and did not come by itself: a question
// takes longer than most messages take to come.
Node::Parts::Pull Node::Parts::mayPull(Time now) {
    const std::lock_guard lock(mutex);
    if (isApplying || !split.empty() || isStopped || now < applyFrom) return Pull::nothing;
    const auto mark = replica.mark();
    const bool isReplaced = membership.epochHeard() > mark.epoch;
    if (replica.leads() && !isReplaced) return Pull::nothing;
    const bool isBehind = membership.sequenceHeard() > mark.sequence;
    const bool isDue = now >= nextLook;
    if (!hasNews && !isBehind && !isDue) return Pull::nothing;
    const bool asks = isDue || (isBehind && (isAsking || !hasNews));
    hasNews = false;
    nextLook = now + kLook;
    return asks ? Pull::ask : Pull::find;
}

std::uint64_t Node::Parts::ledEpoch(Time now) const {
    const std::lock_guard lock(mutex);
    const auto* leader = membership.leader(now);
    return leader ? leader->mark.applied.epoch : 0;
}

void Node::Parts::pull(Time now) {
    const auto way = mayPull(now);
    if (way == Pull::nothing) return;
    const auto epoch = ledEpoch(now);
    auto work = replica.next({false, epoch});
    const bool asks = way == Pull::ask && work && !*work;
    if (asks) work = replica.next({true, epoch});
    if (!work) {
        const std::lock_guard lock(mutex);
        if (work.error().code != ErrorCode::busy) return noteSplit(work.error().message);
        nextLook = now + kAgain;
        return;
    }
    if (!*work) return;
    {
        const std::lock_guard lock(mutex);
        isApplying = true;
        hasNews = true;  // there may be more behind it
        isAsking = asks;
    }
    {
        // What was forwarded for an epoch goes to the engine before what follows the epoch, and is
        // refused there; or nowhere.
        const std::lock_guard inOrder(taking);
        inbox->begin(0);
    }
    Origin origin;
    origin.replyTo = ReplyTo(RequestTag{options.run, 0});
    if (!engine->submit({origin, std::move(**work)}).ok()) {
        replica.giveBack();
        const std::lock_guard lock(mutex);
        isApplying = false;
    }
}

void Node::Parts::giveUp() {
    BatchOutcome refused;
    for (auto& origin : forwarder.giveUp()) {
        auto& outcome = refused.outcomes.emplace_back();
        outcome.origin = std::move(origin);
        outcome.reply = Error{ErrorCode::unavailable,
                              "the nodes of the cluster have not agreed on it in time; it may have "
                              "been carried out all the same"};
    }
    if (refused.outcomes.empty()) return;
    const std::lock_guard inOrder(publishing);
    publisher.publish(std::move(refused));
}

void Node::Parts::takeRole(Time now) {
    bool mayBegin = false;
    {
        const std::lock_guard lock(mutex);
        mayBegin = isFit(now) && membership.durable() >= replica.mark().sequence;
    }
    if (!replica.leads() && replica.isElected() && mayBegin) {
        {
            const std::lock_guard inOrder(taking);
            inbox->begin(replica.mark().epoch);
        }
        replica.beginToLead();
        lost.clear();
        ledFrom = nextLosses = now;
        tellMark(now);
    }
    if (replica.leads()) {
        lead(now);
    } else {
        follow(now);
    }
}

void Node::Parts::lead(Time now) {
    bool hearsMajority = false;
    {
        const std::lock_guard lock(mutex);
        hearsMajority = membership.hearsMajority(now);
    }
    if (!hearsMajority) return forwarder.handToNobody();
    forwarder.handTo(replica.mark().epoch, *engine);
    forwarder.retry();
    takeRequests();
    loseNodes(now);
}

void Node::Parts::follow(Time now) {
    std::string leader;
    std::uint64_t epoch = 0;
    {
        const std::lock_guard lock(mutex);
        received.clear();
        const auto* node = membership.leader(now);
        const bool isKnown = node && (node->mark.applied.epoch == replica.mark().epoch ||
                                      !options.rules.appliesEpochFirst);
        if (isKnown && node->mark.leads) {
            leader = node->mark.name;
            epoch = node->mark.applied.epoch;
        }
    }
    if (leader.empty()) return forwarder.handToNobody();
    forwarder.handTo(epoch, [this, subject = subjectOf("req", leader)](std::string bytes) {
        bus.send(subject, bytes);
    });
    forwarder.retry();
}

// The clients of a node that is not there have gone, or go elsewhere. Of nodes that were not heard
// since this one leads there may be connections in the tables, of a leader before it.
void Node::Parts::loseNodes(Time now) {
    if (now < nextLosses) return;
    nextLosses = now + kBetweenLosses;
    std::vector<RunId> there{options.run};
    std::vector<std::uint16_t> gone;
    {
        const std::lock_guard lock(mutex);
        std::map<std::uint16_t, Time> heard;
        for (const auto& [name, node] : membership.others()) {
            const RunId run{node.mark.number, node.mark.run};
            heard[run.node] = std::max(heard[run.node], node.heard);
            if (now - node.heard <= options.nodeLost) there.push_back(run);
        }
        for (std::uint16_t number = 1; number <= kNodesMax; ++number) {
            if (number == options.run.node) continue;
            if (now - std::max(heard[number], ledFrom) <= options.nodeLost) {
                lost.erase(number);
            } else if (lost.insert(number).second) {
                gone.push_back(number);
            }
        }
    }
    const std::lock_guard inOrder(taking);
    for (const auto run : there) inbox->heard(run);
    for (const auto number : gone) inbox->lose(number);
}

void Node::Parts::seekLeadership(Time now) {
    {
        const std::lock_guard lock(mutex);
        const auto* leader = membership.leader(now);
        const auto epoch = replica.mark().epoch;
        const bool isNews = std::exchange(lastEpoch, epoch) != epoch;  // it leads, heard or not
        if (leader || isNews || replica.isElected()) election.hearsLeader(now);
        if (membership.takeLeaderLeft()) election.leaderLeft(now);
        if (isStopped || !split.empty() || isApplying) return;
        if (!election.isDue(now) || !membership.mayAsk(now)) return;
        ++elections;
        nextLook = now;  // at its own message, which may not come by itself
    }
    election.asked(now);
    const auto place = replica.place();
    logger().info("asks_to_lead node={} epoch={} sequence={}", options.node, place.mark.epoch + 1,
                  place.mark.sequence);
    static_cast<void>(replica.askToLead(place.head));
    hearNews();  // of this node's message, or of another one's
}

}  // namespace parley
