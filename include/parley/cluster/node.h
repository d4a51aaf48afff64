#pragma once

#include <parley/cluster/message_bus.h>
#include <parley/cluster/node_mark.h>
#include <parley/cluster/replica.h>
#include <parley/cluster/replicated_log.h>
#include <parley/cluster/run_id.h>
#include <parley/core/clock.h>
#include <parley/core/histogram.h>
#include <parley/core/random.h>
#include <parley/core/result.h>
#include <parley/engine/engine.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace parley {

/// Rules that keep the promises. Only tests switch one off, to see that they find what follows.
struct NodeRules {
    bool waitsForMajority = true;  ///< outcomes are told once a majority has them on its disk
    /// Requests go to a leader only once its epoch, so everything before it, is applied here.
    bool appliesEpochFirst = true;
};

/// How a node behaves. Ranges are those of the settings (docs/configuration.md).
struct NodeOptions {
    std::string cluster;                            ///< cluster.name
    std::string node;                               ///< cluster.node
    RunId run{};                                    ///< cluster.number, and which start this is
    std::vector<std::string> voters;                ///< cluster.voters
    std::chrono::milliseconds leaderTimeout{1500};  ///< without a leader for so long: one is sought
    std::chrono::milliseconds nodeLost{10'000};     ///< not heard for so long: its clients are gone
    std::chrono::milliseconds wait{15'000};         ///< of a request without a leader
    std::chrono::milliseconds markEvery{250};       ///< between the marks of a node at rest
    std::size_t requestsMax = 20'000;               ///< waiting; beyond it `busy`
    std::uint64_t undurableMax = 8;  ///< units that a leader is ahead of the majority
    bool stepped = false;            ///< for tests: no thread; works in `step`
    /// Called, where `stepped`, when the writer would wait for an answer of the stream.
    std::function<void()> pause{};
    NodeRules rules{};
};

/// How a node stands. A value.
struct NodeState {
    struct Peer {
        std::string name;
        bool voter = false;
        bool isThere = false;              ///< it was heard a moment ago
        std::uint64_t sequence = 0;        ///< that it has applied
        std::chrono::milliseconds age{0};  ///< of its last mark
    };
    std::string node;
    bool isVoter = false;
    std::string leader;  ///< empty: none is known
    bool leads = false;
    ReplicationMark applied;
    Position position;
    std::uint64_t durable = 0;               ///< the sequence that a majority has applied
    std::uint64_t newest = 0;                ///< the highest sequence that any node has told of
    std::chrono::milliseconds behindFor{0};  ///< since when there is more than is applied here
    bool connected = false;                  ///< to the servers of the stream
    bool hearsMajority = false;
    /// Why this node neither decides nor hands on requests: another one has its name or number, or
    /// most others have another list of voters. Empty: it does.
    std::string misconfigured;
    std::uint64_t incarnationHeard = 0;  ///< the newest stream that another node follows; 0: none
    bool hasCaughtUp = false;            ///< since its start, it has once had all that others have
    bool streamLost = false;  ///< the stream is gone, or ends before what is applied here
    /// This node has checked tokens by other keys, revocations or names of claims than the leader
    /// for some seconds.
    bool tokensDiffer = false;
    std::string split;        ///< why the log is not that of the others; empty: it is
    std::string differing;    ///< another node whose log is not this one's; empty: none is known
    std::vector<Peer> peers;  ///< the other nodes that were heard of
    std::size_t waitingRequests = 0;    ///< of this node's clients, without a durable outcome
    std::uint64_t forwarded = 0;        ///< requests that went to another node; since the start
    std::uint64_t resent = 0;           ///< of those, again
    std::uint64_t elections = 0;        ///< leaderships that this node has asked for
    HistogramValues appendDurations{};  ///< of the stream, of this node's messages
    std::uint64_t appendsRefused = 0;   ///< of those, because another node was first
    /// From a commit on this node until a majority had it.
    HistogramValues durableDurations{};
    std::uint64_t resubscribed = 0;  ///< ReplicatedLog::resubscribed
};

/// One node of a cluster, between the gateway and its engine. It takes the requests of this
/// process's clients and sees that the node that leads carries each out once; and it takes the
/// outcomes of its engine and gives on, in the order of the log, what is on the disks of a
/// majority. docs/decisions/101-nodes-share-living-connections.md and 102.
///
/// Construct it, open the engine with `gate()` and this as its sink, then `begin`. One thread does
/// that, and stops it; other threads are said with each method.
class Node final : public RequestTaker, public OutcomeSink {
public:
    /// `place`: the database's. `publisher` gets what is durable, one call at a time, on the
    /// writer's thread, on threads of the bus and on the node's. All references outlive the node.
    Node(NodeOptions options, ReplicatedLog& log, MessageBus& bus, const Clock& clock,
         Random& random, OutcomeSink& publisher, const Replica::Place& place);
    ~Node() override;

    /// For EngineOptions::gate.
    Gate& gate();
    /// Begins to follow, and to lead where that falls to it. `engine` outlives the node's end.
    void begin(RequestTaker& engine);
    /// Takes no more requests, and leads no more. What is not durable is not told to anybody, and
    /// neither engine nor publisher is called any more. Call it before the engine stops.
    /// Idempotent.
    void stop();

    /// What tokens are checked by on this node: Authenticator::rulesHash, 0 where there are none.
    /// At the start, and whenever it has changed. Any thread.
    void tellTokenRules(std::uint64_t hash);

    /// As Engine::submit, and in the order of one thread; what waits too long for a leader is
    /// refused with `unavailable`. Any thread.
    Result<void> submit(Request request) override;
    void submit(std::vector<Request>& requests, const NotTaken& notTaken) override;
    /// The engine's outcomes. The writer's thread.
    void publish(BatchOutcome batch) override;

    /// As ReplicatedLog::ends: asks the stream's servers, and waits for them. Any thread that may
    /// wait for some seconds.
    Result<StreamEnds> streamEnds() const;

    /// One turn of the node's thread. REQUIRES: NodeOptions::stepped.
    void step();
    /// Any thread.
    NodeState state() const;

private:
    struct Parts;
    const std::shared_ptr<Parts> parts_;  // the bus refers to them for as long as it lives
};

}  // namespace parley
