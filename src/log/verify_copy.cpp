#include "log/copy.h"

#include <parley/core/try.h>
#include <parley/log/event_index_check.h>
#include <parley/log/verify.h>

namespace parley {
namespace {

namespace fs = std::filesystem;

Error damaged(const fs::path& file, const std::string& how) {
    return {ErrorCode::storage_damaged, "\"" + file.string() + "\" is damaged: " + how};
}

}  // namespace

Result<CopyReport> verifyCopy(const fs::path& file, const CopyOptions& options) {
    if (options.progress) options.progress({"verifying", 0, 0});
    PARLEY_TRY_ASSIGN(const auto db, openSource(file));
    db->interruptWhen([&options] { return isCancelled(options); });
    auto finding = verifyStructure(*db, true);
    if (isCancelled(options)) return stopped();
    if (!finding) return finding.error();
    if (*finding) return damaged(file, **finding);
    EventIndexCheck indexes;
    auto log =
        verifyLog(*db, {}, {}, [&](std::span<const StoredEvent> good) { indexes.take(good); });
    if (isCancelled(options)) return stopped();
    if (!log) return log.error();
    if (!log->good) {
        return damaged(
            file, "at position " + std::to_string(log->badPosition.value) + ": " + log->problem);
    }
    auto wrong = indexes.finish(*db);
    if (isCancelled(options)) return stopped();
    if (!wrong) return wrong.error();
    if (*wrong) return damaged(file, **wrong);
    CopyReport report{log->last, 0, 0, log->hash};
    auto counted = db->run([&] {
        report.events = db->sqlite().execAndGet("SELECT count(*) FROM event").getInt64();
        report.bytes = static_cast<std::int64_t>(bytesUsed(*db, true));
    });
    if (isCancelled(options)) return stopped();
    if (!counted) return counted.error();
    return report;
}

}  // namespace parley
