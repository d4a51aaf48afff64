#pragma once

#include <parley/cluster/node_mark.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley {

/// What this node knows of the others from their marks: who leads, how far each has come, and what
/// is durable. Pure but for the time it is given, which is the monotonic clock's. One thread at a
/// time.
class Membership {
public:
    using Time = std::chrono::milliseconds;
    struct Options {
        std::string node;                 ///< this one
        std::vector<std::string> voters;  ///< nodes that count for the majority; may lack this one
        Time leaderTimeout{1500};         ///< a node that was not heard for so long is not there
    };
    /// Where a log is at a message of the stream.
    struct LogPoint {
        std::uint64_t sequence = 0;
        Position position;
        Fingerprint fingerprint;
    };
    struct Node {
        NodeMark mark;
        Time heard{0};
        std::deque<LogPoint> ahead{};  ///< that it has told of, and this node has not come to
        /// The last sequence of this incarnation at which the node's log was the same as this
        /// node's; 0: none yet.
        std::uint64_t same = 0;
        /// Its log has another event where this node's has one. Until it starts anew: it may join
        /// from a backup then.
        bool differs = false;
    };
    explicit Membership(Options options);

    /// This node has applied up to here. `between`: the messages after the last call that it has
    /// applied before.
    void applied(const NodeMark& own, const std::vector<LogPoint>& between = {});
    /// A mark of another node; older ones of the same run are ignored. Returns whether it says more
    /// than how far the node has come.
    bool heard(const NodeMark& mark, Time now);

    /// The last sequence that a majority of voters have applied, as far as this node has, too.
    std::uint64_t durable() const { return durable_; }
    /// Whether a majority of voters, this node included, was heard within the timeout.
    bool hearsMajority(Time now) const;
    /// The node that is elected in the newest epoch that was heard of within the timeout, and whose
    /// log does not differ; null: none, or this one.
    const Node* leader(Time now) const;
    /// Whether this node is the one to ask for the leadership: a voter, and a majority of voters
    /// with its log are there, of which none hears a leader or has come further.
    bool mayAsk(Time now) const;
    /// Whether the node that led has said since the last call that it leads no more.
    bool takeLeaderLeft() { return std::exchange(leaderLeft_, false); }
    /// The highest epoch and the highest sequence that any node has told of this incarnation.
    std::uint64_t epochHeard() const { return epochHeard_; }
    std::uint64_t sequenceHeard() const { return sequenceHeard_; }
    /// The highest number of a stream that a node which is there follows; 0: none is there.
    std::uint64_t incarnationHeard(Time now) const;
    /// Whether at least half of the nodes that are there, this one included, have another list of
    /// voters than this one.
    bool votersDiffer(Time now) const;
    /// Whether the logs of a majority of voters differ from this node's: then this one is wrong.
    bool differsFromMost() const;
    /// Another node whose log differs from this one's; empty: none is known.
    std::string differing() const;
    bool isVoter(const std::string& node) const;
    const std::map<std::string, Node>& others() const { return others_; }
    /// The hash of this node's list of voters.
    std::uint64_t voters() const { return voters_; }
    /// A hash of a list of voters, whatever its order.
    static std::uint64_t hashOf(std::vector<std::string> voters);

private:
    /// This node included.
    std::size_t votersThere(Time now, bool alsoWithAnotherLog) const;
    bool isThere(const Node& node, Time now) const {
        return now - node.heard <= options_.leaderTimeout;
    }
    void pass(const LogPoint& point);
    void compare(Node& node);
    void compare(Node& node, const LogPoint& point);
    void computeDurable();

    const Options options_;
    const std::uint64_t voters_;
    std::map<std::string, Node> others_;
    NodeMark own_;
    std::deque<LogPoint> past_;  // where this node has been, each message of the last ones: to
                                 // compare others with
    std::uint64_t durable_ = 0;
    std::uint64_t epochHeard_ = 0;
    bool leaderLeft_ = false;
    std::uint64_t sequenceHeard_ = 0;
};

}  // namespace parley
