#pragma once

#include "engine/batch/reads.h"
#include "engine/unit_of_work.h"

#include <parley/domain/identify.h>
#include <parley/engine/options.h>
#include <parley/engine/request.h>
#include <parley/log/event_log.h>
#include <parley/projection/relation_reader.h>

#include <optional>

namespace parley {

/// Asks the authorization table whether a command may be carried out, on the newest state. Writer's
/// thread only.
class Authorizer {
public:
    /// All of it outlives this.
    struct Parts {
        const EngineOptions& options;
        EventLog& log;
        WriterReads& reads;
        UnitOfWork& unit;
    };
    explicit Authorizer(const Parts& parts) : parts_(parts) {}

    /// Refuses as the table says, before anything about the conversation is told. A request without
    /// a principal may do everything. Returns up to where the sender may read the conversation so
    /// far; nothing: all of it. REQUIRES: the command has its defaults.
    Result<std::optional<Position>> mayCarryOut(const Command& command, const Origin& origin,
                                                const ConversationState& state);

private:
    Result<Standing> standingOf(const UserId& user, const ConversationState& state);
    Permission permissionOf(const Command& command, const Access& access) const;

    const Parts parts_;
};

}  // namespace parley
