#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/stored_event.h>

#include <cstdint>
#include <span>
#include <vector>

namespace parley {

/// Reads parts of the log as it is stored, for what an operator takes out of it: first where the
/// events are, then the events. For the server itself, never for a client: it asks no viewer. One
/// thread at a time. No call holds a snapshot for long. Refuses as Database::query does.
class SelectedEvents {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit SelectedEvents(Database& db);

    /// The events of a conversation after position `after` and up to `through`, in order. The cost
    /// follows how many events the conversation has in all.
    Result<std::vector<Position>> of(ConversationKey conversation, Position after,
                                     Position through);
    /// Likewise those of one user, in the next kScanned positions after `after`: looks at each
    /// event there, as the log has no index by user.
    Result<std::vector<Position>> by(UserKey user, Position after, Position through);
    static constexpr std::int64_t kScanned = 65'536;

    /// The events at these positions, in their order; one that is not there is left out.
    Result<std::vector<StoredEvent>> at(std::span<const Position> positions);

private:
    Database& db_;
    SQLite::Statement conversation_;
    SQLite::Statement user_;
    SQLite::Statement at_;
};

}  // namespace parley
