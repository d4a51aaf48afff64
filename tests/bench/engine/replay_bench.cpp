#include "log_bench.h"
#include "scratch.h"
#include "workload.h"

#include <parley/core/random.h>
#include <parley/log/data_folder.h>
#include <parley/log/event_log.h>
#include <parley/log/migrations.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/view_writer.h>

#include <algorithm>

namespace parley::bench {
namespace {

constexpr std::int64_t batchEvents = 50'000;
constexpr std::int64_t eventsPerConversation = 500;

}  // namespace

nlohmann::ordered_json buildLog(const std::filesystem::path& folder, std::int64_t events) {
    const auto owned = must(DataFolder::own(folder));
    const auto db = must(Database::openWriter(owned->database()));
    const SystemClock clock;
    must(migrate(*db, clock));
    SystemRandom random;
    const auto log = must(EventLog::open(*db, random));
    if (log->head().position.value >= events) return {{"events", log->head().position.value}};
    if (log->head().position.value > 0) {
        throw std::runtime_error(folder.string() + " holds a log that is not whole: remove it");
    }
    ViewWriter views(db->sqlite());
    Workload workload(1);
    const auto conversations = static_cast<std::size_t>(
        std::clamp<std::int64_t>(events / eventsPerConversation, 1, 1'000'000));
    const Stopwatch watch;
    // Random index accesses cost most; with enough cache no page is read twice.
    db->sqlite().exec("PRAGMA cache_size = -2000000; PRAGMA wal_autocheckpoint = 100000;");
    while (log->head().position.value < events) {
        const std::int64_t wanted = std::min(batchEvents, events - log->head().position.value);
        must(db->begin());
        for (std::int64_t i = 0; i < wanted; ++i) {
            Event event = workload.next(conversations);
            must(log->append({&event, 1}));
            views.apply(event);
        }
        views.flush();
        must(db->commit());
        log->committed();
    }
    db->sqlite().exec("INSERT OR REPLACE INTO projection_version VALUES ('views', " +
                      std::to_string(projectionVersion()) + "); PRAGMA wal_checkpoint(TRUNCATE);");
    return {{"events", events}, {"seconds", watch.seconds()}};
}

nlohmann::ordered_json replay(const std::filesystem::path& folder) {
    const auto owned = must(DataFolder::own(folder));
    const auto db = must(Database::openWriter(owned->database()));
    const Stopwatch watch;
    const Position position = must(rebuildViews(*db));
    const double seconds = watch.seconds();
    return {{"events", position.value},
            {"seconds", seconds},
            {"eventsPerSecond", static_cast<double>(position.value) / seconds}};
}

}  // namespace parley::bench
