#include "log/applied_migrations.h"

#include <Poco/SHA2Engine.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/Statement.h>

namespace parley {
namespace {

Error refused(const std::string& why) {
    return {ErrorCode::storage_damaged, why};
}

}  // namespace

// Every command that opens a log comes here. POCO's SHA-256 is slower than OpenSSL's, whose set-up
// takes more than all of these texts: a tenth of the instructions of a short question.
std::string checksumOf(const SqlFile& file) {
    Poco::SHA2Engine sha(Poco::SHA2Engine::SHA_256);
    sha.update(file.sql.data(), file.sql.size());
    return Poco::DigestEngine::digestToHex(sha.digest());
}

Result<std::size_t> appliedCount(SQLite::Database& db, const Schema& schema) {
    if (!db.tableExists("schema_migration")) return std::size_t{0};
    const auto& known = schema.migrations;
    SQLite::Statement rows(db,
                           "SELECT version, name, sha256 FROM schema_migration ORDER BY version");
    std::size_t applied = 0;
    while (rows.executeStep()) {
        const auto version = static_cast<std::size_t>(rows.getColumn(0).getInt64());
        const std::string name = rows.getColumn(1).getString();
        if (version > known.size()) {
            return refused("the database has schema " + std::to_string(version) + " (" + name +
                           "), this program knows up to " + std::to_string(known.size()) +
                           ". Nothing was changed. Run the newer program or restore a backup");
        }
        if (version != applied + 1) {
            return refused("the database lacks schema step " + std::to_string(applied + 1) +
                           ". Nothing was changed. Restore a backup");
        }
        if (rows.getColumn(2).getString() != checksumOf(known[applied])) {
            return refused("schema step " + name +
                           " was applied with another text than this program has: it was edited "
                           "after it had been released. Nothing was changed. Run the program that "
                           "wrote this database, or restore a backup");
        }
        ++applied;
    }
    return applied;
}

}  // namespace parley
