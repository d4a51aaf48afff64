#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <string_view>
#include <vector>

namespace parley {

/// An SQL file that was compiled in.
struct SqlFile {
    std::string_view name;  ///< without its ending: "0001_event_log"
    std::string_view sql;
};

/// migrations/*.sql in their order: forward only, never edited once released.
const std::vector<SqlFile>& migrations();
/// schema/views/*.sql: the public views; replaced when their text changes.
const std::vector<SqlFile>& views();

/// Brings the database to this program's schema, all in one transaction: after a crash it is the
/// old or the new one. Each step is recorded with its checksum. Writes nothing when there is
/// nothing to do. Refuses, changing nothing, when the database is newer than the program, an
/// applied file has been edited or checkNameTables finds fault.
Result<void> migrate(Database& db, const Clock& clock);

/// Throws SQLite::Exception (SQLITE_MISMATCH) when the database has a schema that this program
/// does not know. Reads only. For whoever opens the file.
void refuseUnknownSchema(SQLite::Database& db);

/// Whether the log's tables are there; a new file has none.
Result<bool> hasLog(Database& db);

/// Refuses a database that is newer than the program or whose schema was edited. An older one is
/// good: it can be copied and verified, and is migrated when it is served.
Result<void> checkNotNewer(Database& db);

/// Whether the schema is this program's; refuses with what is wrong. For readers.
Result<void> checkSchema(Database& db);

}  // namespace parley
