#pragma once

#include <parley/core/result.h>
#include <parley/engine/replicated_unit.h>
#include <parley/log/database.h>
#include <parley/log/log_head.h>
#include <parley/log/replication_mark.h>

#include <cstdint>
#include <string>
#include <vector>

namespace parley {

class LogWalk;

/// Between "decided, appended, projected" and the commit: where the nodes of a cluster agree on
/// what one of them is about to commit. An engine without a gate is a single node. It outlives the
/// engine. On the writer's thread.
class Gate {
public:
    /// A unit of work that other nodes need: all of it is in the open transaction, and nobody has
    /// been told of it.
    struct Unit {
        Database& db;         ///< the writer's, which sees what the transaction has written
        LogWalk& log;         ///< of `db`
        LogHead before;       ///< the log's last event without the unit
        LogHead after;        ///< with it
        std::string changes;  ///< as ReplicatedUnit::changes
        std::vector<OutcomeRecord> outcomes;  ///< as ReplicatedUnit::outcomes
    };
    enum class Verdict : std::uint8_t {
        agreed,    ///< the stream holds it: it is to be committed
        refused,   ///< the stream will never hold it: nothing of it happens
        tooLarge,  ///< likewise; its requests may be carried out in several smaller units
        /// Not known yet, and this process is to end. Nothing of it happens here, and the sink must
        /// tell nobody of the refusal: the stream may have it.
        undecided,
    };
    struct Answer {
        Verdict verdict = Verdict::refused;
        ReplicationMark mark{};  ///< where it was agreed: committed with the unit
        Error refusal{};         ///< where it was not: what its requests are refused with
    };

    virtual ~Gate() = default;
    /// Asks the other nodes. May take as long as they take: the writer does nothing meanwhile.
    virtual Answer agree(Unit unit) = 0;
    /// A unit that was agreed on is on this node's disk: one of its own, or one that it applied.
    /// `head`: the log's last event then.
    virtual void committed(const ReplicationMark& mark, const LogHead& head) = 0;
    /// There was no room on this node's disk for its own unit that was just agreed on. The others
    /// have it, so this node decides no more until it has applied it as one of theirs.
    virtual void notCommitted() = 0;
    /// Whether this node decides: its engine carries out commands, and starts what the server does
    /// by itself (time-outs of typing, upkeep). Otherwise it applies what another one decided, and
    /// refuses with `unavailable` what only the one that decides may carry out. Asked once for each
    /// batch. Any thread.
    virtual bool leads() const = 0;
    /// Whether the answer to this address is given by this node. Any thread.
    virtual bool isHere(const ReplyTo& replyTo) const = 0;
};

}  // namespace parley
