#include "cluster/node_parts.h"

#include <parley/core/logging.h>

#include <utility>

namespace parley {
namespace {

using std::chrono::milliseconds;

// After a commit that found no room: then another node had better lead.
constexpr milliseconds kStorageRest{30'000};
// For so long nodes may check tokens by other keys than the leader: they are copied one by one.
constexpr milliseconds kTokensDiffer{5000};
// After a unit that found no room. Its disk may be full for hours.
constexpr milliseconds kApplyRest{250};
// For so long the stream says that it is not there: its servers may have just started.
constexpr milliseconds kStreamLost{5000};

// All 0 before the first event.
Fingerprint fingerprintAt(const LogHead& head) {
    return head.position.value > 0 ? fingerprintOf(head.hash) : Fingerprint{};
}

std::vector<Membership::LogPoint> pointsOf(const std::vector<Replica::Place>& places) {
    std::vector<Membership::LogPoint> points;
    for (const auto& [mark, head] : places) {
        points.push_back({mark.sequence, head.position, fingerprintAt(head)});
    }
    return points;
}

}  // namespace

Node::Parts::Parts(NodeOptions given, ReplicatedLog& stream, MessageBus& messages, const Clock& its,
                   Random& random, OutcomeSink& sink, const Replica::Place& place)
    : options(std::move(given)),
      log(stream),
      bus(messages),
      clock(its),
      publisher(sink),
      replica(replicaOptions(), log, place),
      membership({options.node, options.voters, options.leaderTimeout}),
      twins(options.node, options.run),
      tokensDiffer(kTokensDiffer),
      streamLost(kStreamLost),
      outcomes(options.run),
      election({options.leaderTimeout}, random),
      forwarder({options.run, options.requestsMax, options.wait, milliseconds(1000)}, clock) {
    membership.applied(ownMark(replica.place()));
}

Replica::Options Node::Parts::replicaOptions() {
    Replica::Options its;
    its.node = options.node;
    its.run = options.run;
    its.moved = [this] { noteCommit(); };
    if (options.stepped) {
        its.pause = [this](milliseconds) { options.pause(); };
    } else {
        its.waitForRoom = [this](std::uint64_t after) { waitForRoom(after); };
    }
    return its;
}

void Node::Parts::wakeUp() {
    {
        const std::lock_guard lock(mutex);
        isWoken = true;
    }
    wake.notify_all();
}

void Node::Parts::hearNews() {
    {
        const std::lock_guard lock(mutex);
        hasNews = true;
        // A leader wrote it itself. If not, the other one's mark says so.
        if (replica.leads()) return;
        isWoken = true;
    }
    wake.notify_all();
}

NodeMark Node::Parts::ownMark(const Replica::Place& place) const {
    NodeMark mark;
    mark.number = options.run.node;
    mark.run = options.run.run;
    mark.name = options.node;
    mark.voters = membership.voters();
    mark.tokens = tokens.load();
    mark.applied = place.mark;
    mark.position = place.head.position;
    mark.fingerprint = fingerprintAt(place.head);
    mark.elected = replica.isElected();
    mark.leads = replica.leads();
    mark.mayLead = mayLead && clock.monotonic() >= mayLeadFrom;
    return mark;
}

std::string Node::Parts::misconfigured(Time now) const {
    if (!twins.reason().empty()) return twins.reason();
    if (!membership.votersDiffer(now)) return {};
    return "at least half of the nodes have another list of cluster.voters than this one";
}

// Whether it may answer clients and take part in decisions.
bool Node::Parts::isFit(Time now) const {
    return isBegun && !isStopped && twins.hasListened(now) && misconfigured(now).empty() &&
           !membership.differsFromMost();
}

// A leader that is far ahead of the majority would lose all of it with its machine.
void Node::Parts::waitForRoom(std::uint64_t after) {
    std::unique_lock lock(mutex);
    room.wait(lock, [&] {
        return isStopped || !replica.leads() || after < membership.durable() + options.undurableMax;
    });
}

// On a thread of the bus.
void Node::Parts::hear(std::string_view bytes) {
    auto mark = decodeMark(bytes);
    if (!mark) return;
    bool hasMoved = false;
    bool isNews = false;
    {
        const std::lock_guard lock(mutex);
        const auto now = clock.monotonic();
        const auto before = membership.durable();
        twins.heard(*mark, now);
        isNews = membership.heard(*mark, now);
        hasMoved = membership.durable() != before;
        isNews = isNews || (hasMoved && !replica.leads() && replica.isElected());
        isWoken = isWoken || isNews;
    }
    if (hasMoved) {
        room.notify_all();
        release();
    }
    if (isNews) wake.notify_all();
}

// On a thread of the bus.
void Node::Parts::take(std::string_view bytes) {
    auto message = decodeRequests(bytes);
    if (!message) return;
    {
        const std::lock_guard lock(mutex);
        received.push_back(std::move(*message));
    }
    if (replica.leads()) takeRequests();
}

void Node::Parts::takeRequests() {
    const std::lock_guard inOrder(taking);
    std::vector<RequestMessage> messages;
    {
        const std::lock_guard lock(mutex);
        const auto now = clock.monotonic();
        if (!isFit(now) || !membership.hearsMajority(now)) return;
        messages.swap(received);
    }
    for (auto& message : messages) inbox->take(std::move(message));
}

// On the writer's thread.
void Node::Parts::noteCommit() {
    tellMark(clock.monotonic());
    if (replica.isElected() && !replica.leads()) wakeUp();
}

// The outcome of units of another node's.
void Node::Parts::noteApplied(const Outcome& outcome) {
    {
        const std::lock_guard lock(mutex);
        isApplying = false;
        isWoken = true;
        if (!outcome.reply) {
            const auto given = replica.giveBack();
            const auto& error = outcome.reply.error();
            if (isOfStorage(error)) applyFrom = clock.monotonic() + kApplyRest;
            // Of several, those before the one that is wrong are applied first.
            if (error.code == ErrorCode::storage_damaged && given == 1) noteSplit(error.message);
        }
    }
    wake.notify_all();
}

void Node::Parts::noteSplit(const std::string& why) {
    split = why;
    logger().critical("cluster_split message=\"{}\"", split);
}

void Node::Parts::stepDown() {
    {
        const std::lock_guard lock(mutex);
        mayLeadFrom = clock.monotonic() + kStorageRest;
        replica.resign();
        isWoken = true;
    }
    wake.notify_all();
}

void Node::Parts::tellMark(Time now) {
    const std::lock_guard inOrder(telling);
    NodeMark mark;
    {
        const std::lock_guard lock(mutex);
        if (!isBegun) return;
        const auto places = replica.takePlaces();
        // Another one is heard in its place, or may be.
        if (!twins.reason().empty() || !twins.hasListened(now)) return;
        mark = ownMark(places.back());
        mark.hearsLeader = membership.leader(now) != nullptr;
        const bool isChanged =
            !(mark.applied == lastMark.applied) || mark.mayLead != lastMark.mayLead;
        if (isChanged) membership.applied(mark, pointsOf(places));
        if (mark.applied.sequence >= membership.sequenceHeard()) caughtUp = now;
        // It knows how far the others are once it has heard the one that leads.
        hasCaughtUp = hasCaughtUp || (caughtUp == now && (mark.hearsLeader || mark.leads));
    }
    const bool isNews = !(mark.applied == lastMark.applied) || mark.leads != lastMark.leads ||
                        mark.elected != lastMark.elected;
    if (!isNews && now < nextMark) return;
    lastMark = mark;
    nextMark = now + options.markEvery;
    bus.send(subjectOf("mark", options.node), encode(mark));
    room.notify_all();  // there is more, or this node leads no more
}

void Node::Parts::release() {
    const std::lock_guard inOrder(publishing);
    std::uint64_t durable = 0;
    {
        const std::lock_guard lock(mutex);
        if (!isFit(clock.monotonic())) return;
        durable = options.rules.waitsForMajority ? membership.durable() : ~std::uint64_t{0};
    }
    while (auto batch = outcomes.take(durable, forwarder)) publisher.publish(std::move(*batch));
}

}  // namespace parley
