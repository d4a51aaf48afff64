#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>

#include <optional>

namespace parley {

/// Single messages by position, through a viewer's eyes. One look into an index each. One thread at
/// a time.
class MessageLookup {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit MessageLookup(Database& db);

    /// The message at `position`; nothing where it is none, where `viewer` may not see it, or where
    /// its content has been emptied. Refuses as Database::query does, and with `storage_damaged`
    /// what this program does not know.
    Result<std::optional<Event>> at(Position position, const Viewer& viewer);

private:
    Database& db_;
    SQLite::Statement at_;
};

}  // namespace parley
