#include "audit/audit_file.h"

#include <parley/audit/build.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/log_head.h>
#include <parley/log/read/log_walk.h>

#include <algorithm>

namespace parley::audit {
Result<Position> foldUpTo(AuditFile& file, Database& log, Position head, const Progress& progress) {
    LogChunk chunk;
    while (file.reached().position < head) {
        const auto left = head.value - file.reached().position.value;
        const auto limit = static_cast<int>(std::min<std::int64_t>(left, kChunkEvents));
        PARLEY_TRY(readChunk(log, file.reached(), limit, chunk));
        if (chunk.events.empty()) break;
        PARLEY_TRY(file.write(chunk));
        if (progress) progress(file.reached().position, head);
        pauseBetweenReads();
    }
    return file.reached().position;
}

Result<Position> bringUpToDate(Database& log, const std::filesystem::path& file, const Clock& clock,
                               const Progress& progress) {
    PARLEY_TRY_ASSIGN(const auto head, readHead(log));
    PARLEY_TRY_ASSIGN(const auto audit, openOrMake(file, log, clock));
    return foldUpTo(*audit, log, head.position, progress);
}

Result<Position> build(Database& log, const std::filesystem::path& file, const Clock& clock,
                       const Progress& progress) {
    PARLEY_TRY(removeDatabase(file));
    return bringUpToDate(log, file, clock, progress);
}

}  // namespace parley::audit
