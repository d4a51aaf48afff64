#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

namespace parley {

/// Brings the database to the Schema it was opened with, all in one transaction: after a crash it
/// is the old or the new one. Each step is recorded with its checksum. Writes nothing when there is
/// nothing to do. Refuses with `storage_damaged`, changing nothing, when the database is newer than
/// the program, an applied file has been edited or Schema::check finds fault.
Result<void> migrate(Database& db, const Clock& clock);

/// Refuses with `storage_damaged` a database that holds no log, has a schema newer than this
/// program's, lacks a step of it or was edited. An older one is good: it can be copied and
/// verified, and is migrated when it is served. Reads only.
Result<void> checkKnownLog(Database& db);

/// Whether the log's tables are there; a new file has none.
Result<bool> hasLog(Database& db);

/// Refuses a database whose schema is not this program's, newer or older, and says what to do. For
/// readers.
Result<void> checkSchema(Database& db);

}  // namespace parley
