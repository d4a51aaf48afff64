#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

namespace parley {

/// Brings the database to the Schema it was opened with, all in one transaction: after a crash it
/// is the old or the new one. Each step is recorded with its checksum. Writes nothing when there is
/// nothing to do. Refuses with `storage_damaged`, changing nothing, when the database is newer than
/// the program, an applied file has been edited or Schema::check finds fault; otherwise as
/// Database::begin, run and commit do. The new schema is on the disk when it returns. `clock` dates
/// the steps. Builds no views: see rebuildViews. REQUIRES: a writing connection without an open
/// transaction. Its thread.
Result<void> migrate(Database& db, const Clock& clock);

/// Refuses with `storage_damaged` a database that holds no log, has a schema newer than this
/// program's, lacks a step of it or was edited. Where it is a data folder's, and the note beside it
/// says that there was a log, it says so as checkWitness does. An older one is good: it can be
/// copied and verified, and is migrated when it is served. Reads only. The thread of `db`, as for
/// the next two.
Result<void> checkKnownLog(Database& db);

/// Whether the log's tables are there; a new file has none. Says nothing of their version.
Result<bool> hasLog(Database& db);

/// Refuses a database whose schema is not this program's, and says what to do: an older one with
/// `wrong_schema`, a newer or edited one with `storage_damaged`. One that holds no log is
/// refused as checkKnownLog does, if it was opened as a log. For readers, which cannot migrate.
Result<void> checkSchema(Database& db);

}  // namespace parley
