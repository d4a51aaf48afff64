#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/log_head.h>
#include <parley/log/replication_mark.h>

#include <cstdint>

namespace parley {

/// Between "decided, appended, projected" and the commit: where the nodes of a cluster agree on
/// what one of them is about to commit. An engine without a gate is a single node. It outlives the
/// engine. On the writer's thread.
class Gate {
public:
    /// A unit of work that has appended events: all of it is in the open transaction, and nobody
    /// has been told of it.
    struct Unit {
        Database& db;    ///< the writer's, which sees what the transaction has written
        LogHead before;  ///< the log's last event without the unit
        LogHead after;   ///< with it
    };
    enum class Verdict : std::uint8_t {
        agreed,     ///< the stream holds it: it is to be committed
        refused,    ///< the stream will never hold it: nothing of it happens
        undecided,  ///< not known yet, and this process is to end: nobody may be told anything
    };
    struct Answer {
        Verdict verdict = Verdict::refused;
        ReplicationMark mark{};  ///< where it was agreed: committed with the unit
        Error refusal{};         ///< where it was not: what its requests are refused with
    };

    virtual ~Gate() = default;
    /// Asks the other nodes. May take as long as they take: the writer does nothing meanwhile.
    virtual Answer agree(const Unit& unit) = 0;
    /// A unit that was agreed on is on this node's disk: one of its own, or one that it applied.
    virtual void committed(const ReplicationMark& mark) = 0;
    /// Whether this node decides. Where it does not, the engine starts nothing by itself: no typing
    /// times out, nothing is deleted by age. What would append events is refused with
    /// `unavailable`; what was begun before is refused by `agree`.
    virtual bool leads() const = 0;
};

}  // namespace parley
