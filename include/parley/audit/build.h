#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace parley::audit {

/// Is told between two chunks how far the fold has come, on the caller's thread. `head`: as it was
/// when the work began. No snapshot of the log is held meanwhile.
using Progress = std::function<void(Position folded, Position head)>;

/// Brings `file`, an audit.db, up to the head that `log` has now, and returns that position. Makes
/// it where there is none or where it cannot be used: damaged, of another log or schema. Reads the
/// log in short transactions, with a pause between them. Refuses as Database::openWriter, run and
/// commit do, and as scanWithTexts does. REQUIRES: `log` has this program's schema; no other thread
/// or process writes `file` meanwhile. The thread of `log`.
Result<Position> bringUpToDate(Database& log, const std::filesystem::path& file, const Clock& clock,
                               const Progress& progress = {});

/// Removes `file` and builds it anew from the whole log. Likewise.
Result<Position> build(Database& log, const std::filesystem::path& file, const Clock& clock,
                       const Progress& progress = {});

/// What a comparison with a file built anew found.
struct Check {
    Position position;                     ///< up to which the file holds the log
    std::vector<std::string> differences;  ///< one sentence a table that differs; empty: equal
};

/// Builds another audit.db in `scratch`, a folder that is made and removed, up to where `file` has
/// come, and compares the two row by row. Changes nothing in `file`, of which it holds one snapshot
/// meanwhile: its WAL grows by what a follower writes. Refuses as `storage_damaged` a file that
/// cannot be used. The thread of `log`.
Result<Check> check(Database& log, const std::filesystem::path& file,
                    const std::filesystem::path& scratch, const Clock& clock,
                    const Progress& progress = {});

}  // namespace parley::audit
