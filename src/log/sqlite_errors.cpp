#include "log/sqlite_errors.h"

#include <parley/core/logging.h>
#include <parley/core/process_usage.h>
#include <parley/log/data_folder.h>

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace parley {
namespace {

constexpr const char* kWhatToDo =
    ". Nothing was changed. Copy the whole data folder away before anything else; then restore a "
    "backup, or start with another folder";

constexpr const char* kLocked = "another process holds the database's write lock";

}  // namespace

std::string quoted(const std::filesystem::path& file) {
    return "\"" + file.string() + "\"";
}

bool isDamage(int primary) {
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

Error notParleys(const std::filesystem::path& file, const std::string& why) {
    return {ErrorCode::storage_damaged,
            quoted(file) + " is no database of Parley's, or its beginning is damaged: " + why +
                kWhatToDo};
}

Error cannotOpen(const std::filesystem::path& file, const SQLite::Exception& error) {
    const int primary = error.getErrorCode() & 0xFF;
    const std::string why = error.what();
    switch (primary) {
        case SQLITE_FULL: return {ErrorCode::storage_full, quoted(file) + ": " + why};
        case SQLITE_BUSY: return {ErrorCode::busy, quoted(file) + ": " + kLocked};
        case SQLITE_NOTADB: return notParleys(file, why);
        case SQLITE_CORRUPT:
            return {ErrorCode::storage_damaged, quoted(file) + " is damaged: " + why + kWhatToDo};
        default: break;
    }
    const auto code = primary == SQLITE_CANTOPEN ? ErrorCode::not_found : ErrorCode::storage_failed;
    return {code, "cannot open " + quoted(file) + ": " + why};
}

// SQLite does not say which file it cannot open, and why.
Error cannotRead(const std::filesystem::path& file, const SQLite::Exception& error) {
    if ((error.getErrorCode() & 0xFF) != SQLITE_CANTOPEN) return cannotOpen(file, error);
    for (const auto& one : {file, walOf(file), walIndexOf(file), journalOf(file)}) {
        if (::faccessat(AT_FDCWD, one.c_str(), R_OK, AT_EACCESS) == 0) continue;
        if (errno == ENOENT && one != file) continue;
        const auto code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::file_refused;
        return {code, "cannot open " + quoted(one) + ": " + std::strerror(errno)};
    }
    return {ErrorCode::not_found,
            "cannot open " + quoted(file) +
                ": it needs files beside it that cannot be made here. Read it as a user who may "
                "write to its folder, or beside a running server"};
}

Error noRoom() {
    const auto limit = fileSizeLimit();
    return {ErrorCode::storage_full,
            limit ? "the disk is full, or a file has reached the limit of " +
                        std::to_string(*limit) + " bytes that is set for this process (ulimit -f)"
                  : "the disk is full"};
}

Error errorOf(const SQLite::Exception& error) {
    const int primary = error.getErrorCode() & 0xFF;
    if (primary == SQLITE_FULL) return noRoom();
    if (primary == SQLITE_INTERRUPT) {
        return {ErrorCode::read_timeout, "the read took too long and was cut off"};
    }
    if (primary == SQLITE_BUSY) return {ErrorCode::busy, kLocked};
    logger().error("storage_error code={} message=\"{}\"", error.getExtendedErrorCode(),
                   error.what());
    if (isDamage(primary)) {
        return {ErrorCode::storage_damaged,
                std::string("the database is damaged: ") + error.what()};
    }
    return {ErrorCode::storage_failed, std::string("the storage failed: ") + error.what() +
                                           " (SQLite code " +
                                           std::to_string(error.getExtendedErrorCode()) + ")"};
}

}  // namespace parley
