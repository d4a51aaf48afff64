#pragma once

#include <parley/core/result.h>
#include <parley/log/schema.h>

#include <SQLiteCpp/Database.h>

#include <filesystem>

namespace parley {

/// Whether the database in `file` is new; refuses as `storage_damaged` what is not of `schema`.
/// Reads only, so that a foreign file is refused before the first pragma that would write to it.
/// Throws SQLite::Exception where the file cannot be read.
Result<bool> isNewFile(SQLite::Database& db, const std::filesystem::path& file,
                       const Schema& schema);

/// Refuses with `file_refused` where the database, or a file that SQLite keeps beside it, is there
/// but is a pipe, a device or the like, which would be waited for without end.
Result<void> checkIsFile(const std::filesystem::path& database);

}  // namespace parley
