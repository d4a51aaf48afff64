#pragma once

#include "engine/replication/changeset.h"
#include "engine/replication/live_rows.h"

#include <parley/engine/gate.h>
#include <parley/log/log_head.h>
#include <parley/log/read/log_walk.h>

#include <optional>
#include <string_view>
#include <vector>

namespace parley {

/// The writer's side of a cluster: gathers what the other nodes need of a unit of work and asks the
/// gate, on the node that decides; puts what they have sent into the rows and into memory, on the
/// others. Writer's thread only.
class Replication {
public:
    /// The references outlive it. Throws SQLite::Exception: construct inside Database::run.
    Replication(Gate& gate, Database& db, LiveState& live);

    bool leads() const { return gate_.leads(); }
    /// Whether an answer is given by this node.
    bool isHere(const ReplyTo& replyTo) const { return gate_.isHere(replyTo); }
    /// What was in memory when the process ended is in it again. Call it once, before any unit.
    Result<void> begin();

    /// The unit's transaction is open, and has written nothing.
    Result<void> beginUnit();
    /// Whether other nodes need the unit although it may have stored nothing.
    bool isNeeded(const std::vector<Outcome>& outcomes) const;
    /// Asks the gate about the open transaction, whose log began at `before`; nothing: no other
    /// node needs it.
    Result<std::optional<Gate::Answer>> agree(const LogHead& before, const LogHead& after,
                                              const std::vector<Outcome>& outcomes);
    /// The unit has ended.
    void endUnit() { recorder_.end(); }
    void committed(const ReplicationMark& mark, const LogHead& head) {
        gate_.committed(mark, head);
    }
    void notCommitted() { gate_.notCommitted(); }

    /// Carries out what another node's unit has changed, in the open transaction.
    Result<void> apply(std::string_view changes);

private:
    bool concernOthers(const std::vector<Outcome>& outcomes) const;

    Gate& gate_;
    Database& db_;
    LiveRows rows_;
    ChangesetRecorder recorder_;
    LogWalk log_;
};

}  // namespace parley
