#include "app/rebuild_audit.h"

#include "app/progress.h"

#include <parley/audit/build.h>
#include <parley/core/clock.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/migrations.h>

#include <iostream>
#include <system_error>
#include <unistd.h>

namespace parley::app {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEventsTold = 200'000;  // fewer are built at once

Result<std::unique_ptr<Database>> openLog(const fs::path& folder) {
    PARLEY_TRY(requireDatabase(folder));
    PARLEY_TRY_ASSIGN(auto log, Database::openReader(DataFolder::databaseIn(folder)));
    PARLEY_TRY(checkSchema(*log));
    return log;
}

Result<Position> rebuild(const fs::path& folder) {
    PARLEY_TRY(requireDatabase(folder));
    PARLEY_TRY_ASSIGN(const auto owned, DataFolder::own(folder));
    PARLEY_TRY_ASSIGN(const auto log, openLog(folder));
    return audit::build(*log, DataFolder::auditIn(folder), SystemClock(),
                        auditProgress(kEventsTold));
}

Result<audit::Check> compare(const fs::path& folder) {
    PARLEY_TRY_ASSIGN(const auto log, openLog(folder));
    std::error_code failed;
    const auto scratch =
        fs::temp_directory_path(failed) / ("parley-audit-" + std::to_string(::getpid()));
    if (failed) return Error{ErrorCode::file_refused, "there is no folder for temporary files"};
    return audit::check(*log, DataFolder::auditIn(folder), scratch, SystemClock(),
                        auditProgress(kEventsTold));
}

}  // namespace

int rebuildAudit(const FolderOptions& options) {
    const auto position = rebuild(options.data);
    if (!position) return fail(position.error());
    std::cout << "audit.db rebuilt up to position " << position->value << '\n';
    return 0;
}

int checkAudit(const FolderOptions& options) {
    const auto check = compare(options.data);
    if (!check) return fail(check.error());
    for (const auto& difference : check->differences) std::cout << difference << '\n';
    std::cout << "audit.db " << (check->differences.empty() ? "equal to" : "DIFFERS FROM")
              << " a rebuild up to position " << check->position.value << '\n';
    return check->differences.empty() ? 0 : kExitFound;
}

}  // namespace parley::app
