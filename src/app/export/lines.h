#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/uuid.h>
#include <parley/domain/roles.h>
#include <parley/log/hash_chain.h>
#include <parley/log/log_head.h>
#include <parley/log/read/stored_event.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The lines of an export (docs/format/export.md): one that begins it, one for each event, one that
/// ends it. Each function appends a line with its line feed. Any thread.
namespace parley::app::exports {

/// An event of the log, as a line names it.
struct Mark {
    Position position;  ///< 0: before the first one
    Digest hash{};
    bool operator==(const Mark&) const = default;
};

/// Which events were asked for. Times are half-open.
struct Filters {
    std::vector<ConversationId> conversations;
    std::optional<UserId> user;
    std::optional<UnixMillis> from;
    std::optional<UnixMillis> to;
    std::optional<UserId> viewer;
    std::optional<UserRole> role;  ///< of the viewer, where it was said

    bool empty() const {
        return conversations.empty() && !user && !from && !to && !viewer && !role;
    }
};

/// The first line.
struct Beginning {
    std::optional<Mark> origin;  ///< the log's first event; nothing: the log is empty
    Uuid originId;               ///< likewise
    Mark after;                  ///< events after this one
    Mark through;                ///< and up to this one
    bool whole = false;          ///< the log from its first event to its last one then
    Filters filters;
};

void append(std::string& out, const Beginning& beginning);
void append(std::string& out, const StoredEvent& stored);
/// The last line. `through`: as in the first one.
void appendEnd(std::string& out, std::int64_t events, const Mark& through);

}  // namespace parley::app::exports
