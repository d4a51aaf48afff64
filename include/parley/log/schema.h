#pragma once

#include <parley/core/result.h>

#include <string_view>
#include <vector>

namespace parley {

class Database;

/// An SQL file that was compiled in. The views point to static storage.
struct SqlFile {
    std::string_view name;  ///< without its ending: "0001_event_log"
    std::string_view sql;   ///< the whole file; of a migration, its SHA-256 is recorded
};

/// What one database file is made of: another file than the log's would have another one.
struct Schema {
    int applicationId;  ///< marks the file as this schema's (PRAGMA application_id)
    /// Tables by which a copy that lost its mark is recognised.
    std::vector<const char*> tables;
    std::vector<SqlFile> migrations;  ///< in their order: forward only, never edited once released
    std::vector<SqlFile> views;       ///< public views; replaced when their text changes
    /// What else must hold once all migrations are applied; reads only. Called by migrate and
    /// by checkSchema; an error of it refuses the database.
    Result<void> (*check)(Database&);
};

/// The schema of `parley.db`: migrations/*.sql and schema/views/*.sql. Lives as long as the
/// process. Any thread.
const Schema& logSchema();

/// The files, as scripts/embed_sql.cmake compiles them in; for logSchema.
const std::vector<SqlFile>& migrations();
const std::vector<SqlFile>& views();

}  // namespace parley
