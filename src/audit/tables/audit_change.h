#pragma once

#include "audit/open_stays.h"

#include <parley/domain/event.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace parley::audit {

/// An event and what it changed about the stays of its conversation.
///
/// A table of audit.db is a class with: `kTables`, its SQL tables; `kVersion`, which is raised by
/// one when what it writes changes, and 1 in a new one; a constructor that takes the connection;
/// `apply(const AuditChange&)`, which is given every event in the log's order; `flush`, which
/// writes what it gathered; `forget`, for a roll back.
struct AuditChange {
    const FoldableEvent& event;
    std::optional<UserRole> role;  ///< the actor's: of the event, or else of their stay
    const StayChange& stays;
    std::optional<std::int64_t> openStays;    ///< after a join or a leave: of how many the actor is
    std::optional<std::string_view> content;  ///< of a message that has not been emptied
};

}  // namespace parley::audit
