#pragma once

#include "audit/fold.h"
#include "audit/log_chunk.h"

#include <parley/audit/build.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <filesystem>
#include <memory>

namespace parley::audit {

/// An audit.db that one thread writes: it follows a log, chunk by chunk.
class AuditFile {
public:
    /// Opens `file`, or makes it where there is none. Refuses as `storage_damaged` a file that has
    /// to be built anew: damaged, of another schema, or of another log than `log`. Further refusals
    /// as Database::openWriter. `clock` dates the making.
    static Result<std::unique_ptr<AuditFile>> open(const std::filesystem::path& file, Database& log,
                                                   const Clock& clock);

    /// How far it has come, committed.
    const Reached& reached() const { return reached_; }
    /// Folds a chunk, in one transaction. Refuses as Database::begin, run and commit do; nothing of
    /// it is there then, unless Database::mustStop: close the file and open it again. REQUIRES: the
    /// chunk was read from `reached`.
    Result<void> write(const LogChunk& chunk);
    /// Its connection.
    Database& db() { return *db_; }

private:
    AuditFile(std::unique_ptr<Database> db);
    Result<void> readReached();
    Result<void> follows(Database& log);
    void fold(const LogChunk& chunk);

    std::unique_ptr<Database> db_;
    Fold fold_;
    SQLite::Statement conversation_;
    SQLite::Statement user_;
    SQLite::Statement follower_;
    Reached reached_;
};

/// Opens `file`, and builds it anew, empty, where `open` finds that it has to be.
/// Logs `audit_built_anew` then. Refuses as `open` and removeDatabase do.
Result<std::unique_ptr<AuditFile>> openOrMake(const std::filesystem::path& file, Database& log,
                                              const Clock& clock);

/// Folds what `file` lacks of `log` up to `head`, chunk by chunk, with pauses; returns how far it
/// came: less where the log ends before. Refuses as readChunk and AuditFile::write do.
Result<Position> foldUpTo(AuditFile& file, Database& log, Position head, const Progress& progress);

}  // namespace parley::audit
