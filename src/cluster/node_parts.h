#pragma once

#include "cluster/durable_outcomes.h"
#include "cluster/election.h"
#include "cluster/forwarder.h"
#include "cluster/inbox.h"
#include "cluster/lasting.h"
#include "cluster/membership.h"
#include "cluster/twin_watch.h"

#include <parley/cluster/node.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace parley {

/// What a node is made of. Each step of a message is made on the thread that it comes on: the
/// writer's tells the others of a commit, and the bus's threads hand requests to the engine and
/// publish what has become durable. A wake-up costs more than any of these. The node's own thread
/// does what time brings, and what is rare.
///
/// `mutex` guards what the threads share; nothing that waits is called with it. The other mutexes
/// keep the order of what is sent to one receiver. They are taken before `mutex`, and no call takes
/// two of them but `stop`.
struct Node::Parts {
    using Time = std::chrono::milliseconds;
    Parts(NodeOptions given, ReplicatedLog& stream, MessageBus& messages, const Clock& its,
          Random& random, OutcomeSink& sink, const Replica::Place& place);

    // node_parts.cpp: of any thread.
    void wakeUp();
    void hearNews();
    void hear(std::string_view bytes);
    void take(std::string_view bytes);
    void noteCommit();
    void noteApplied(const Outcome& outcome);
    void stepDown();
    void tellMark(Time now);
    void release();
    void takeRequests();
    void waitForRoom(std::uint64_t after);

    // node_parts.cpp: with `mutex` held.
    NodeMark ownMark(const Replica::Place& place) const;
    std::string misconfigured(Time now) const;
    bool isFit(Time now) const;
    void noteSplit(const std::string& why);

    // node_turn.cpp: of the node's thread.
    void run();
    void turn();
    void watch(Time now);
    enum class Pull { nothing, find, ask };
    Pull mayPull(Time now);
    std::uint64_t ledEpoch(Time now) const;
    void pull(Time now);
    void giveUp();
    void takeRole(Time now);
    void lead(Time now);
    void follow(Time now);
    void loseNodes(Time now);
    void seekLeadership(Time now);

    Replica::Options replicaOptions();
    static bool isOfStorage(const Error& error) {
        return error.code == ErrorCode::storage_full || error.code == ErrorCode::storage_failed;
    }
    /// A subject's words have no dots; names of clusters and nodes are checked for that.
    std::string subjectOf(const char* what, const std::string& node) const {
        return "parley." + options.cluster + '.' + what + '.' + node;
    }

    const NodeOptions options;
    ReplicatedLog& log;
    MessageBus& bus;
    const Clock& clock;
    OutcomeSink& publisher;
    Replica replica;
    RequestTaker* engine = nullptr;

    mutable std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable room;  // there may be some among what is not durable
    bool isWoken = false;
    bool isBegun = false;
    bool isStopped = false;
    bool isApplying = false;  // the engine has units of another node's
    Time applyFrom{0};        // after its storage has refused some
    bool hasNews = true;      // the stream may have more
    bool isAsking = false;    // the last messages were asked for
    Time nextLook{0};
    std::string split;  // why nothing is applied any more
    bool mayLead = true;
    Time mayLeadFrom{0};  // after its storage has refused a commit
    Membership membership;
    TwinWatch twins;
    std::atomic<std::uint64_t> tokens{0};  // Node::tellTokenRules
    Lasting tokensDiffer;                  // from what the leader said
    Lasting streamLost;
    std::vector<RequestMessage> received;  // for this node as the leader
    std::uint64_t elections = 0;
    bool hasCaughtUp = false;
    Time caughtUp{0};  // when this node last had all that others have

    std::mutex telling;  // the other nodes
    Time nextMark{0};
    NodeMark lastMark;

    std::mutex publishing;  // to the publisher
    DurableOutcomes outcomes;

    std::mutex taking;  // into the engine, what other nodes forward
    std::optional<Inbox> inbox;

    // Of the node's thread alone.
    Election election;
    std::set<std::uint16_t> lost;  // numbers of nodes whose connections were closed
    Time ledFrom{0};
    Time nextLosses{0};
    std::uint64_t lastEpoch = 0;

    Forwarder forwarder;
    std::thread thread;
};

}  // namespace parley
