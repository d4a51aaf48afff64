#pragma once

#include "engine/batch/appender.h"
#include "engine/batch/join_views.h"
#include "engine/batch/reads.h"
#include "engine/replication/replication.h"
#include "engine/state/live_state.h"
#include "engine/unit_of_work.h"
#include "engine/upkeep/retention.h"

#include <parley/core/result.h>
#include <parley/engine/replicated_unit.h>
#include <parley/log/event_log.h>

#include <span>
#include <vector>

namespace parley {

/// A follower's side of a cluster: puts what another node decided into this log, after checking
/// that it continues it, and makes its outcomes whole again. Writer's thread only; everything is
/// part of the unit of work, and an error fails it.
class Applier {
public:
    /// All of it outlives this.
    struct Parts {
        EventLog& log;
        UnitOfWork& unit;
        LiveState& live;
        Appender& appender;
        Retention& retention;
        JoinViews& joinViews;
        WriterReads& reads;
        Replication* replication = nullptr;  ///< null: a single node, which applies nothing
    };
    explicit Applier(const Parts& parts) : parts_(parts) {}

    /// Returns what became of the unit's requests, those of other nodes' clients without a reply.
    /// Refuses as ApplyUnits says. Events of the unit that this log has already are refused, too:
    /// the caller knows how far it has come.
    Result<std::vector<Outcome>> apply(const ReplicatedUnit& unit);

private:
    Result<void> check(const ReplicatedUnit& unit) const;
    Result<void> giveKeys(const Event& event);
    Result<void> applyGroup(std::span<const StoredEvent> group,
                            std::vector<ProjectionUpdate>& updates);
    Result<void> complete(const OutcomeRecord& record, Outcome& outcome);
    Result<void> addReturned(const OutcomeRecord& record, Outcome& outcome);
    Result<Reply> replyOf(const MessageRecord& record);
    Result<Reply> replyOf(const JoinRecord& record);
    Result<Reply> replyOf(const ConversationRecord& record);
    Result<RefusalFacts> factsOf(const UnseenRecord& record);
    Result<EventPtr> eventAt(Position position);

    const Parts parts_;
};

}  // namespace parley
