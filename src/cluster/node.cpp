#include "cluster/durable_outcomes.h"
#include "cluster/election.h"
#include "cluster/forwarder.h"
#include "cluster/inbox.h"
#include "cluster/membership.h"
#include "cluster/twin_watch.h"

#include <parley/cluster/node.h>
#include <parley/core/check.h>
#include <parley/core/logging.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace parley {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kTurn{50};
// Without news: a look into the stream asks its servers.
constexpr milliseconds kLook{1000};
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

bool isOfStorage(const Error& error) {
    return error.code == ErrorCode::storage_full || error.code == ErrorCode::storage_failed;
}

// Not carried out, and asked again of the next leader; or not known, as this process ends.
bool isUntold(const Error& error) {
    return error.code == ErrorCode::unavailable || error.code == ErrorCode::shutting_down;
}

// A subject's words have no dots; names of clusters and nodes are checked for that.
std::string subjectOf(const std::string& cluster, const char* what, const std::string& node) {
    return "parley." + cluster + '.' + what + '.' + node;
}

}  // namespace

/// The turns of a node. `mutex` guards what the threads of the bus, of the writer and of the node
/// share; nothing that waits is called with it.
struct Node::Parts {
    Parts(NodeOptions given, ReplicatedLog& stream, MessageBus& messages, const Clock& its,
          Random& random, OutcomeSink& sink, const Replica::Place& place)
        : options(std::move(given)),
          log(stream),
          bus(messages),
          clock(its),
          publisher(sink),
          replica(replicaOptions(), log, place),
          membership({options.node, options.voters, options.leaderTimeout}),
          twins(options.node, options.run),
          election({options.leaderTimeout}, random),
          forwarder({options.run, options.requestsMax, options.wait, milliseconds(1000)}, clock),
          outcomes(options.run) {
        membership.applied(ownMark(replica.place()));
    }

    Replica::Options replicaOptions() {
        Replica::Options its;
        its.node = options.node;
        its.run = options.run;
        its.moved = [this] { wakeUp(); };
        if (options.stepped) {
            its.pause = [this](milliseconds) { options.pause(); };
        } else {
            its.waitForRoom = [this](std::uint64_t after) { waitForRoom(after); };
        }
        return its;
    }

    void wakeUp() {
        {
            const std::lock_guard lock(mutex);
            isWoken = true;
        }
        wake.notify_all();
    }
    void hearNews() {
        {
            const std::lock_guard lock(mutex);
            hasNews = true;
        }
        wakeUp();
    }
    void waitForRoom(std::uint64_t after);
    NodeMark ownMark(const Replica::Place& place) const;
    std::string misconfigured(milliseconds now) const;
    void watchStream(milliseconds now);
    void watchTokens(milliseconds now);
    void hear(std::string_view bytes);
    void take(std::string_view bytes);
    void turn();
    void pull(milliseconds now);
    bool mayPull(milliseconds now);
    void noteSplit(const std::string& why);
    void tellMark(milliseconds now);
    void release();
    void giveUp();
    void takeRole(milliseconds now);
    void lead(milliseconds now);
    void follow(milliseconds now);
    void takeRequests();
    void loseNodes(milliseconds now);
    void seekLeadership(milliseconds now);
    void run();
    void noteApplied(const Outcome& outcome);
    void stepDown();

    const NodeOptions options;
    ReplicatedLog& log;
    MessageBus& bus;
    const Clock& clock;
    OutcomeSink& publisher;
    Replica replica;

    mutable std::mutex mutex;
    std::condition_variable wake;
    bool isWoken = false;
    bool isStopped = false;
    bool isApplying = false;    // the engine has units of another node's
    milliseconds applyFrom{0};  // after its storage has refused some
    bool hasNews = true;        // the stream may have more
    milliseconds nextLook{0};
    std::string split;  // why nothing is applied any more
    bool mayLead = true;
    milliseconds mayLeadFrom{0};  // after its storage has refused a commit
    Membership membership;
    TwinWatch twins;
    std::atomic<std::uint64_t> tokens{0};           // Node::tellTokenRules
    std::optional<milliseconds> tokensDifferSince;  // from what the leader said
    std::optional<milliseconds> lostSince;          // the stream
    bool streamLost = false;
    std::vector<RequestMessage> received;  // for this node as the leader
    std::uint64_t elections = 0;
    bool hasCaughtUp = false;
    milliseconds caughtUp{0};  // when this node last had all that others have

    // Of the node's thread alone.
    Election election;
    std::optional<Inbox> inbox;
    milliseconds nextMark{0};
    NodeMark lastMark;
    std::set<std::string> lost;
    std::uint64_t lastEpoch = 0;

    Forwarder forwarder;
    DurableOutcomes outcomes;
    RequestTaker* engine = nullptr;
    std::thread thread;
};

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

// A leader that is far ahead of the majority would lose all of it with its machine.
void Node::Parts::waitForRoom(std::uint64_t after) {
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] {
        return isStopped || !replica.leads() || after < membership.durable() + options.undurableMax;
    });
}

// On a thread of the bus.
void Node::Parts::hear(std::string_view bytes) {
    auto mark = decodeMark(bytes);
    if (!mark) return;
    {
        const std::lock_guard lock(mutex);
        twins.heard(*mark, clock.monotonic());
        membership.heard(*mark, clock.monotonic());
        isWoken = true;
    }
    wake.notify_all();
}

// On a thread of the bus.
void Node::Parts::take(std::string_view bytes) {
    auto message = decodeRequests(bytes);
    if (!message) return;
    {
        const std::lock_guard lock(mutex);
        received.push_back(std::move(*message));
        isWoken = true;
    }
    wake.notify_all();
}

// A leader need not read what it wrote, unless there is a newer epoch.
bool Node::Parts::mayPull(milliseconds now) {
    const std::lock_guard lock(mutex);
    if (isApplying || !split.empty() || isStopped || now < applyFrom) return false;
    const auto mark = replica.mark();
    const bool isReplaced = membership.epochHeard() > mark.epoch;
    if (replica.leads() && !isReplaced) return false;
    const bool isBehind = membership.sequenceHeard() > mark.sequence;
    if (!hasNews && !isBehind && now < nextLook) return false;
    hasNews = false;
    nextLook = now + kLook;
    return true;
}

void Node::Parts::pull(milliseconds now) {
    if (!mayPull(now)) return;
    auto work = replica.next();
    if (!work) {
        if (work.error().code == ErrorCode::busy) return;
        const std::lock_guard lock(mutex);
        return noteSplit(work.error().message);
    }
    if (!*work) return;
    {
        const std::lock_guard lock(mutex);
        isApplying = true;
        hasNews = true;  // there may be more behind it
    }
    Origin origin;
    origin.replyTo = ReplyTo(RequestTag{options.run, 0});
    if (!engine->submit({origin, std::move(**work)}).ok()) {
        replica.giveBack();
        const std::lock_guard lock(mutex);
        isApplying = false;
    }
}

// The outcome of units of another node's.
void Node::Parts::noteApplied(const Outcome& outcome) {
    const std::lock_guard lock(mutex);
    isApplying = false;
    isWoken = true;
    if (outcome.reply) return;
    const auto given = replica.giveBack();
    const auto& error = outcome.reply.error();
    if (isOfStorage(error)) applyFrom = clock.monotonic() + kApplyRest;
    // Of several, those before the one that is wrong are applied first.
    if (error.code == ErrorCode::storage_damaged && given == 1) noteSplit(error.message);
}

// With the lock held.
void Node::Parts::noteSplit(const std::string& why) {
    split = why;
    logger().critical("cluster_split message=\"{}\"", split);
}

void Node::Parts::stepDown() {
    const std::lock_guard lock(mutex);
    mayLeadFrom = clock.monotonic() + kStorageRest;
    replica.resign();
}

void Node::Parts::tellMark(milliseconds now) {
    NodeMark mark;
    {
        const std::lock_guard lock(mutex);
        if (!twins.reason().empty()) return;  // the other one is heard in its place
        const auto places = replica.takePlaces();
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
    bus.send(subjectOf(options.cluster, "mark", options.node), encode(mark));
    wake.notify_all();  // the writer may wait for room
}

void Node::Parts::release() {
    std::uint64_t durable = 0;
    {
        const std::lock_guard lock(mutex);
        durable = options.rules.waitsForMajority ? membership.durable() : ~std::uint64_t{0};
    }
    while (auto batch = outcomes.take(durable, forwarder)) publisher.publish(std::move(*batch));
}

void Node::Parts::giveUp() {
    BatchOutcome refused;
    for (auto& origin : forwarder.giveUp()) {
        auto& outcome = refused.outcomes.emplace_back();
        outcome.origin = std::move(origin);
        outcome.reply = Error{ErrorCode::unavailable,
                              "no node of the cluster leads now. It may be carried out yet"};
    }
    if (!refused.outcomes.empty()) publisher.publish(std::move(refused));
}

void Node::Parts::takeRole(milliseconds now) {
    bool mayBegin = false;
    {
        const std::lock_guard lock(mutex);
        mayBegin = !isStopped && membership.durable() >= replica.mark().sequence;
    }
    if (!replica.leads() && replica.isElected() && mayBegin) {
        inbox->begin(replica.mark().epoch);
        replica.beginToLead();
    }
    if (replica.leads()) {
        lead(now);
    } else {
        follow(now);
    }
}

void Node::Parts::lead(milliseconds now) {
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

void Node::Parts::follow(milliseconds now) {
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
    forwarder.handTo(epoch, [this, subject = subjectOf(options.cluster, "req", leader)](
                                std::string bytes) { bus.send(subject, bytes); });
    forwarder.retry();
}

void Node::Parts::takeRequests() {
    std::vector<RequestMessage> messages;
    {
        const std::lock_guard lock(mutex);
        messages.swap(received);
    }
    for (auto& message : messages) inbox->take(std::move(message));
}

// The clients of a node that is not there have gone, or go elsewhere.
void Node::Parts::loseNodes(milliseconds now) {
    std::vector<std::uint16_t> gone;
    {
        const std::lock_guard lock(mutex);
        for (const auto& [name, node] : membership.others()) {
            if (now - node.heard <= options.nodeLost) {
                lost.erase(name);
            } else if (lost.insert(name).second) {
                gone.push_back(node.mark.number);
            }
        }
    }
    for (const auto number : gone) inbox->lose(number);
}

void Node::Parts::seekLeadership(milliseconds now) {
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
    }
    election.asked(now);
    const auto place = replica.place();
    logger().info("asks_to_lead node={} epoch={} sequence={}", options.node, place.mark.epoch + 1,
                  place.mark.sequence);
    static_cast<void>(replica.askToLead(place.head));
    hearNews();  // of this node's message, or of another one's
}

// With the lock held.
std::string Node::Parts::misconfigured(milliseconds now) const {
    if (!twins.reason().empty()) return twins.reason();
    if (!membership.votersDiffer(now)) return {};
    return "at least half of the nodes have another list of cluster.voters than this one";
}

// What it says under load may be older than what was applied since.
void Node::Parts::watchStream(milliseconds now) {
    const auto ends = log.endsHeard();
    const std::lock_guard lock(mutex);
    const bool isLost = ends && (!ends->exists || ends->last < replica.mark().sequence);
    if (!isLost) {
        lostSince.reset();
        streamLost = false;
        return;
    }
    if (!lostSince) lostSince = now;
    if (streamLost || now - *lostSince < kStreamLost) return;
    streamLost = true;
    logger().critical("stream_lost exists={} last={} applied={}", ends->exists, ends->last,
                      replica.mark().sequence);
}

void Node::Parts::watchTokens(milliseconds now) {
    const std::lock_guard lock(mutex);
    const auto* leader = membership.leader(now);
    const bool differ = leader && leader->mark.tokens != tokens.load();
    if (!differ) tokensDifferSince.reset();
    if (differ && !tokensDifferSince) tokensDifferSince = now;
}

void Node::Parts::turn() {
    const auto now = clock.monotonic();
    watchStream(now);
    watchTokens(now);
    bool isFit = false;
    {
        const std::lock_guard lock(mutex);
        if (!twins.hasListened(now) && !bus.connected()) twins.begin(now);
        isFit =
            twins.hasListened(now) && misconfigured(now).empty() && !membership.differsFromMost();
    }
    pull(now);
    tellMark(now);
    if (isFit) {
        release();
        takeRole(now);
        seekLeadership(now);
    } else {
        replica.resign();
        forwarder.handToNobody();
    }
    giveUp();
}

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
    const auto& cluster = parts.options.cluster;
    parts.bus.listen(
        subjectOf(cluster, "mark", "*"),
        [its = parts_](std::string_view, std::string_view bytes) { its->hear(bytes); });
    parts.bus.listen(
        subjectOf(cluster, "req", parts.options.node),
        [its = parts_](std::string_view, std::string_view bytes) { its->take(bytes); });
    parts.log.follow(parts.replica.mark().sequence + 1, [its = parts_] { its->hearNews(); });
    parts.twins.begin(parts.clock.monotonic());
    parts.election.hearsLeader(parts.clock.monotonic());
    parts.caughtUp = parts.clock.monotonic();
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
    if (parts.thread.joinable()) parts.thread.join();
    if (parts.engine) parts.tellMark(parts.clock.monotonic());
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
    for (auto& outcome : batch.outcomes) {
        const auto number = RequestTag::in(outcome.origin.replyTo);
        const bool isOwn = number.run == parts.options.run;
        if (isOwn && number.number == 0) {
            parts.noteApplied(outcome);
            continue;
        }
        if (!outcome.reply && isUntold(outcome.reply.error())) continue;
        if (!outcome.reply && isOfStorage(outcome.reply.error())) {
            parts.stepDown();
            continue;
        }
        if (isOwn) parts.forwarder.decided(number.number);
        told.push_back(std::move(outcome));
    }
    parts.outcomes.add(sequence, std::move(told));
    parts.wakeUp();
}

void Node::step() {
    parts_->turn();
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
    state.streamLost = parts.streamLost;
    state.tokensDiffer = parts.tokensDifferSince && now - *parts.tokensDifferSince >= kTokensDiffer;
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
