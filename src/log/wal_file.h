#pragma once

#include <filesystem>
#include <string>

struct sqlite3;

/// What SQLite's interface has no function for: the WAL as a file.
namespace parley {

/// Writes the WAL's bytes once more and syncs them, through SQLite's own file. Throws
/// SQLite::Exception. REQUIRES: the connection holds the write lock and has written nothing.
void rewriteWal(sqlite3* db);

/// Whether the WAL and its index stay when a connection in WAL mode closes the file.
void keepWal(sqlite3* db, bool keep);

/// Whether everything is in the database file itself, and no process owns its folder.
bool standsAlone(const std::filesystem::path& database);

/// The name under which SQLite opens `database` as a file that nobody changes.
std::string immutableUri(const std::filesystem::path& database);

}  // namespace parley
