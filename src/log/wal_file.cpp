#include "log/wal_file.h"

#include <parley/log/data_folder.h>

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <vector>

namespace parley {
namespace {

void require(int result, const char* what) {
    if (result != SQLITE_OK) throw SQLite::Exception(what, result);
}

}  // namespace

void rewriteWal(sqlite3* db) {
    sqlite3_file* wal = nullptr;
    require(sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal), "no WAL");
    if (!wal || !wal->pMethods) return;
    sqlite3_int64 size = 0;
    require(wal->pMethods->xFileSize(wal, &size), "the WAL's size cannot be read");
    if (size == 0) return;
    constexpr int kWriteBytes = 64 * 1024;  // SQLite's unix VFS writes less than 128 KiB at once
    std::vector<char> bytes(kWriteBytes);
    for (sqlite3_int64 from = 0; from < size;) {
        const auto n = static_cast<int>(std::min<sqlite3_int64>(size - from, kWriteBytes));
        require(wal->pMethods->xRead(wal, bytes.data(), n, from), "the WAL cannot be read");
        require(wal->pMethods->xWrite(wal, bytes.data(), n, from), "the WAL cannot be written");
        from += n;
    }
    require(wal->pMethods->xSync(wal, SQLITE_SYNC_FULL), "the WAL cannot be synced");
}

void keepWal(sqlite3* db, bool keep) {
    int on = keep ? 1 : 0;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

bool standsAlone(const std::filesystem::path& database) {
    std::error_code failed;
    for (const auto& beside : {walOf(database), journalOf(database)}) {
        const auto status = std::filesystem::status(beside, failed);
        if (status.type() == std::filesystem::file_type::not_found) continue;
        if (failed || std::filesystem::file_size(beside, failed) != 0 || failed) return false;
    }
    const auto folder =
        database.has_parent_path() ? database.parent_path() : std::filesystem::path(".");
    const auto owned = DataFolder::isOwned(folder);
    return std::filesystem::is_regular_file(database, failed) && owned && !*owned;
}

std::string immutableUri(const std::filesystem::path& database) {
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(database).lexically_normal().string()) {
        if (c == '%' || c == '?' || c == '#') {
            uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
        } else {
            uri += c;
        }
    }
    return uri + "?immutable=1";
}

}  // namespace parley
