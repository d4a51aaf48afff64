#pragma once

#include <parley/core/result.h>
#include <parley/log/schema.h>

#include <cstddef>
#include <string>

namespace SQLite {
class Database;
}

namespace parley {

/// How many of the schema's migrations a database has. Refuses with `storage_damaged` what cannot
/// be right: a step beyond the last one known, a gap, another checksum. Reads only. Throws
/// SQLite::Exception where the table cannot be read.
Result<std::size_t> appliedCount(SQLite::Database& db, const Schema& schema);

/// What the table `schema_migration` records of a file.
std::string checksumOf(const SqlFile& file);

}  // namespace parley
