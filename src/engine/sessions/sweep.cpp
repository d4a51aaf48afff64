#include "engine/sessions/sweep.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <algorithm>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEveryMax = std::chrono::hours(1);
constexpr milliseconds kEveryMin{50};

}  // namespace

SessionSweep::SessionSweep(const EngineOptions& options, const Clock& clock,
                           const ClockWatch& clockWatch, UnitOfWork& unit, LiveState& live,
                           SessionStore& rows, StoredSessions& stored)
    : options_(options),
      clock_(clock),
      clockWatch_(clockWatch),
      unit_(unit),
      live_(live),
      rows_(rows),
      stored_(stored),
      every_(std::clamp(options.sessionRetention / 16, kEveryMin, kEveryMax)) {}

void SessionSweep::carryOut() {
    auto more = sweep();
    if (!more) unit_.fail(more.error());
    if (auto done = unit_.finish(); !done) {
        if (unit_.wasTooLarge()) atOnce_ = std::max(1, atOnce_ / 2);
        logger().warn("session_sweep_failed message=\"{}\"", done.error().message);
        more = false;
    }
    due_ = clock_.monotonic() + (*more ? kEveryMin : every_);
}

// Whether there is more to do.
Result<bool> SessionSweep::sweep() {
    const int limit = atOnce_;
    const auto expired = clockWatch_.isTrusted()
                             ? UnixMillis{clock_.now().value - options_.sessionRetention.count()}
                             : UnixMillis{};
    const int excess =
        static_cast<int>(std::min<std::size_t>(limit, stored_.excess()));  // of a larger limit
    PARLEY_TRY_ASSIGN(const auto due, rows_.droppedBefore(excess > 0 ? kConnected : expired, 1));
    if (due.empty() && live_.sessions.drops().empty()) return false;
    PARLEY_TRY(unit_.begin());
    PARLEY_TRY(stored_.writeDrops());
    PARLEY_TRY_ASSIGN(int gone, stored_.removeDroppedBefore(expired, limit));
    if (excess > gone) {
        PARLEY_TRY_ASSIGN(const int evicted, stored_.evict(excess - gone));
        gone += evicted;
    }
    return gone == limit;
}

}  // namespace parley
