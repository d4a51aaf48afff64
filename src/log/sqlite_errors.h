#pragma once

#include <parley/core/error.h>

#include <SQLiteCpp/Exception.h>

#include <filesystem>
#include <string>

/// From SQLite's exceptions to errors. Pure, but for what is logged.
namespace parley {

/// Whether the primary result code says that the file is not what was written.
bool isDamage(int primary);

/// What happened while `file` was opened.
Error cannotOpen(const std::filesystem::path& file, const SQLite::Exception& error);
/// The same of a connection that only reads: says which file cannot be opened, and why.
Error cannotRead(const std::filesystem::path& file, const SQLite::Exception& error);
/// `file` is not Parley's, or its beginning is damaged: `why`.
Error notParleys(const std::filesystem::path& file, const std::string& why);

/// What happened to an open database, as Database::run says. Logs `storage_error` where the
/// storage has failed: SQLite's codes are for the operator, not for the client that gets the error.
Error errorOf(const SQLite::Exception& error);

/// The disk is full, or a file-size limit has been reached.
Error noRoom();

/// The path in quotes, for messages.
std::string quoted(const std::filesystem::path& file);

}  // namespace parley
