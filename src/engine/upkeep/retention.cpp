#include "engine/upkeep/retention.h"

#include <parley/core/try.h>
#include <parley/domain/upkeep/upkeep.h>

#include <algorithm>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenChunks{10};  // requests come first
constexpr milliseconds kAfterFailure{10'000};

// Often enough that nothing is kept much longer than asked for, and no oftener than pays.
milliseconds betweenWalks(milliseconds keep) {
    return std::clamp(keep / 20, milliseconds(100), milliseconds(3'600'000));
}

}  // namespace

Retention::Retention(UnitMembers& members, milliseconds keep, Database& db, const Clock& clock)
    : UnitMember(members), keep_(keep), clock_(clock), log_(db), due_(clock.monotonic()) {}

std::optional<milliseconds> Retention::nextDue() const {
    if (keep_.count() == 0) return std::nullopt;
    return due_;
}

Result<std::optional<Event>> Retention::emptyChunk(int eventsMax) {
    const UnixMillis before{clock_.now().value - keep_.count()};
    chunk_.emplace();
    PARLEY_TRY_ASSIGN(*chunk_, log_.emptyNext(before, eventsMax));
    if (chunk_->emptied == 0) return std::optional<Event>();
    return std::optional(
        retentionApplied({keep_, before, chunk_->after, chunk_->through, chunk_->emptied}));
}

void Retention::committed() {
    if (!chunk_) return;  // the unit was another's
    log_.committed();
    emptied_.fetch_add(chunk_->emptied, std::memory_order_relaxed);
    due_ = clock_.monotonic() + (chunk_->reachedYoung ? betweenWalks(keep_) : kBetweenChunks);
    chunk_.reset();
}

void Retention::rolledBack() {
    if (!chunk_) return;
    log_.rolledBack();
    chunk_.reset();
    due_ = clock_.monotonic() + kAfterFailure;
}

}  // namespace parley
