#pragma once

#include <parley/cluster/batch_message.h>
#include <parley/cluster/replicated_log.h>
#include <parley/cluster/run_id.h>
#include <parley/core/histogram.h>
#include <parley/core/result.h>
#include <parley/engine/gate.h>
#include <parley/engine/request.h>
#include <parley/log/replication_mark.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// One node's side of the replicated log: the gate of its engine, and the reader of the stream. A
/// node's log is always a prefix of what the stream has agreed on: while it leads, a commit waits
/// for the stream to take it; while it follows, it applies what the stream has.
///
/// Leading needs no clock and no lock to be safe. A node becomes the leader by a message of kind
/// `epoch`, which the stream takes only from a node that knew its last message, as any append. A
/// leader that missed such a message is refused its next append, and follows.
class Replica final : public Gate {
public:
    struct Options {
        std::string node;                          ///< this node's name in the cluster
        RunId run{};                               ///< of this process
        std::chrono::milliseconds pauseMin{50};    ///< before an append without an answer is tried
        std::chrono::milliseconds pauseMax{1000};  ///< again: the first time, and at most
        /// Waits. Only tests change it. Null: sleeps.
        std::function<void(std::chrono::milliseconds)> pause{};
        /// Called before each append, with the sequence that it follows: waits until there is room
        /// among what is not durable yet. Null: there always is.
        std::function<void(std::uint64_t after)> waitForRoom{};
        /// Called after each commit, on the writer's thread. Null: nobody is told.
        std::function<void()> moved{};
    };
    /// How far a node has come: in the stream, and the log's last event there.
    struct Place {
        ReplicationMark mark;
        LogHead head;
    };
    /// How `next` reads.
    struct Reading {
        bool mayAsk = true;  ///< the servers, where nothing has come by itself
        /// Of the leader that is heard now; 0: none is. The batches of this epoch need no
        /// comparison; other messages are compared with those of the stream's leader.
        std::uint64_t ledEpoch = 0;
    };
    /// `place`: the database's (readReplicationMark); a cluster's node has one. It follows. `log`
    /// outlives this.
    Replica(Options options, ReplicatedLog& log, const Place& place);

    /// The next messages after what was applied, as work for this node's engine, once: all that
    /// have come, up to some thousand events, for one commit. Nothing where there is none yet,
    /// where the last ones have not been committed or given back, or where the next one is this
    /// node's own and being committed. A leader that finds another node's stops leading: the engine
    /// may refuse the work once with `unavailable`, because of what it began before. Refuses with
    /// `storage_damaged` a message that is not this stream's next one, and as ReplicatedLog::read.
    /// Any thread.
    Result<std::optional<ApplyUnits>> next(const Reading& reading);
    /// The engine refused the work that `next` gave, and nothing of it was stored: `next` gives it
    /// again, one message at a time until one is committed. Returns how many there were. Any
    /// thread.
    std::size_t giveBack();
    /// Asks the stream for the leadership, after `head`, this node's last event. Taken: this node
    /// is elected once it has applied the message as any other one, so everything before it, too.
    /// Refused: another one was there before. REQUIRES: all that `next` gave was committed. Any
    /// thread, but the writer's while it is in `agree`.
    Append askToLead(const LogHead& head);
    /// The process is to end: an append without an answer is not tried again. Any thread.
    void stop() { stopped_.store(true); }

    /// Begins to decide. REQUIRES: isElected, and its message is durable. Any thread.
    void beginToLead();
    /// Whether the stream has made this node its leader, and no other one since, as far as was
    /// applied here. Any thread.
    bool isElected() const;

    Answer agree(Unit unit) override;
    void committed(const ReplicationMark& mark, const LogHead& head) override;
    void notCommitted() override;
    bool leads() const override { return leads_.load(std::memory_order_acquire); }
    bool isHere(const ReplyTo& replyTo) const override;

    /// How far this node has come, and the log's last event there. Any thread.
    ReplicationMark mark() const;
    Place place() const;
    /// Where this node has been since the last call: after each message that it has committed, the
    /// last one where it is now. Never empty. One thread at a time.
    std::vector<Place> takePlaces();
    /// Leads no more, and gives up having been elected. Any thread.
    void resign();
    /// How long the appends took whose answer is known, and how many were refused. Any thread.
    HistogramValues appendDurations() const { return appendDurations_.values(); }
    std::uint64_t appendsRefused() const { return appendsRefused_.load(); }

private:
    Result<std::vector<StreamMessage>> messagesAfter(std::uint64_t sequence, bool mayAsk);
    Result<Place> placeAfter(const Place& before, const StreamMessage& found,
                             const BatchMessage& message);
    Result<std::optional<ApplyUnits>> give(const ReplicationMark& before,
                                           const std::vector<StreamMessage>& messages);
    Result<ApplyUnits> unitsOf(const std::vector<StreamMessage>& messages);
    Result<std::optional<ApplyUnits>> compared(const ReplicationMark& before,
                                               Result<std::optional<ApplyUnits>> work,
                                               const StreamMessage& last);
    BatchMessage messageAfter(const ReplicationMark& mark, const LogHead& head) const;
    void stopLeading();
    Append appendUntilKnown(std::uint64_t last, const std::string& id, const std::string& bytes);
    std::string idAfter(const ReplicationMark& mark) const;

    const Options options_;
    ReplicatedLog& log_;
    std::atomic<bool> leads_{false};
    std::atomic<bool> stopped_{false};
    Histogram appendDurations_;
    std::atomic<std::uint64_t> appendsRefused_{0};
    std::atomic<std::uint64_t> differsAt_{0};  // that was logged; 0: nothing yet
    mutable std::mutex mutex_;
    Place place_;                // committed
    std::vector<Place> given_;   // after each message that `next` has given
    std::vector<Place> places_;  // committed since `takePlaces`
    bool isCareful_ = false;     // one message at a time
    // That this node leads once it has applied its message; 0: none. Its message is applied
    // where it is the mark's epoch.
    std::uint64_t ownEpoch_ = 0;
};

}  // namespace parley
