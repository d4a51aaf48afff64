#pragma once

#include "engine/batch/appender.h"
#include "engine/batch/authorizer.h"
#include "engine/batch/command_past.h"
#include "engine/batch/join_views.h"
#include "engine/sessions/sessions.h"
#include "engine/state/live_state.h"

#include <parley/domain/decide.h>
#include <parley/engine/options.h>

#include <atomic>
#include <cstdint>

namespace parley {

/// The station *decide* of a batch: carries out one command after another, each on the state that
/// the ones before it left. Writer's thread only; everything is part of the unit of work.
class Commands {
public:
    /// What commands are carried out with. All of it outlives this.
    struct Parts {
        const EngineOptions& options;
        UnitOfWork& unit;
        LiveState& live;
        Sessions& sessions;
        Authorizer& authorizer;
        CommandPastReader& past;
        JoinViews& joinViews;
        Appender& appender;
    };
    explicit Commands(const Parts& parts) : parts_(parts) {}

    /// Decides the command and has its events appended. `outcome` has its origin; the rest is
    /// filled in. Where the unit of work has failed, nothing of it is of use.
    void carryOut(Command& command, Outcome& outcome);

    /// Ends somebody's typing because their connection went away.
    Result<void> endTyping(const Typing& typing, std::string_view why, Outcome& outcome);

    /// Commands that the domain refused, since the start. Any thread.
    std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    Result<void> tryCarryOut(Command& command, Outcome& outcome);
    Result<std::vector<ProjectionUpdate>> decideAndAppend(ConversationState& state,
                                                          const Command& command, ConnectionId by,
                                                          const DecideContext& context);

    const Parts parts_;
    std::atomic<std::uint64_t> refused_{0};
};

}  // namespace parley
