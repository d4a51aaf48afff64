#include "log/file_mark.h"

#include "log/sqlite_errors.h"

#include <parley/log/data_folder.h>

#include <algorithm>
#include <string>
#include <system_error>

namespace parley {
namespace {

// As `.dump` of the sqlite3 shell leaves a copy: it keeps tables and rows, not the mark.
bool hasLostItsMark(SQLite::Database& db, const Schema& schema) {
    return std::all_of(schema.tables.begin(), schema.tables.end(),
                       [&](const char* table) { return db.tableExists(table); });
}

std::string inShellQuotes(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace

Result<bool> isNewFile(SQLite::Database& db, const std::filesystem::path& file,
                       const Schema& schema) {
    const int applicationId = db.execAndGet("PRAGMA application_id").getInt();
    const int tables = db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
    if (applicationId == schema.applicationId) return false;
    if (applicationId == 0 && tables == 0) return true;
    if (applicationId == 0 && hasLostItsMark(db, schema)) {
        return Error{ErrorCode::storage_damaged,
                     quoted(file) +
                         ": the file has Parley's tables, but not its mark, which a .dump does not "
                         "keep. Nothing was changed. If it is a copy of a Parley database, mark "
                         "it: sqlite3 " +
                         inShellQuotes(db.getFilename()) +
                         " 'PRAGMA application_id = " + std::to_string(schema.applicationId) + "'"};
    }
    return notParleys(file, "it is an SQLite database of another program (application_id " +
                                std::to_string(applicationId) + ")");
}

Result<void> checkIsFile(const std::filesystem::path& database) {
    for (const auto& file :
         {database, walOf(database), walIndexOf(database), journalOf(database)}) {
        std::error_code failed;
        const auto status = std::filesystem::status(file, failed);
        if (failed) continue;  // SQLite says best what cannot be looked into
        if (std::filesystem::is_directory(status)) {
            return Error{ErrorCode::file_refused, quoted(file) + " is a folder, not a file"};
        }
        if (!std::filesystem::is_other(status)) continue;
        return Error{ErrorCode::file_refused, quoted(file) + " is no regular file"};
    }
    return {};
}

}  // namespace parley
