#include "faults/crash_check.h"

#include <parley/log/data_folder.h>
#include <parley/log/event_index_check.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

#include <algorithm>

namespace parley::faults {
namespace {

class NoSink final : public OutcomeSink {
public:
    void publish(BatchOutcome) override {}
};

Result<void> startAndStop(const std::filesystem::path& folder) {
    const SystemClock clock;
    SystemRandom random;
    NoSink sink;
    EngineOptions options;
    options.dataFolder = folder;
    options.warnFreeBytes = 0;
    auto engine = Engine::open(options, clock, random, sink);
    if (!engine) return engine.error();
    return {};
}

bool isThere(SQLite::Statement& find, const Told& told) {
    find.reset();
    find.bind(1, told.position);
    if (!find.executeStep()) return false;
    if (told.id == decltype(told.id){}) return true;
    const auto id = find.getColumn(0);
    return id.getBytes() == static_cast<int>(told.id.size()) &&
           std::equal(told.id.begin(), told.id.end(),
                      static_cast<const std::uint8_t*>(id.getBlob()));
}

std::string problemOf(Database& db) {
    auto structure = verifyStructure(db, true);
    if (!structure) return structure.error().message;
    if (*structure) return **structure;
    EventIndexCheck indexes;
    auto log =
        verifyLog(db, {}, {}, [&](std::span<const StoredEvent> good) { indexes.take(good); });
    if (!log) return log.error().message;
    if (!log->good) {
        return "position " + std::to_string(log->badPosition.value) + ": " + log->problem;
    }
    auto wrong = indexes.finish(db);
    if (!wrong) return wrong.error().message;
    if (*wrong) return **wrong;
    auto views = checkViews(db);
    if (!views) return views.error().message;
    return views->differences.empty() ? "" : views->differences.front();
}

}  // namespace

CrashVerdict checkAfterCrash(const std::filesystem::path& folder, const RunReport& report) {
    CrashVerdict verdict;
    auto started = startAndStop(folder);
    if (!started && started.error().message.find("the log") == 0) {
        // The start itself has noticed that the end is missing. The lost events are counted below.
        verdict.noteAhead = true;
        std::filesystem::remove(folder / "parley.head");
        started = startAndStop(folder);
    }
    if (!started) return {0, false, "it does not start: " + started.error().message};
    auto db = Database::openReader(DataFolder::databaseIn(folder));
    if (!db) return {0, false, db.error().message};
    verdict.corrupt = problemOf(**db);
    SQLite::Statement find((*db)->sqlite(), "SELECT id FROM event WHERE position = ?");
    for (std::uint64_t i = 0; i < report.toldCount; ++i) {
        if (!isThere(find, report.told[i])) ++verdict.lost;
    }
    return verdict;
}

}  // namespace parley::faults
