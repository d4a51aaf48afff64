#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

namespace parley {

/// Whether events say more than their columns do. One thread; short transactions only.
class MetadataLookup {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit MetadataLookup(Database& db);

    /// Whether the `data` of the event at `position` has a field; no where there is no event.
    Result<bool> hasAny(Position position);

private:
    Database& db_;
    SQLite::Statement hasAny_;
};

}  // namespace parley
