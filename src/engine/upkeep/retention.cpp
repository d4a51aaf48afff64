#include "engine/upkeep/retention.h"

#include <parley/core/try.h>
#include <parley/domain/upkeep/upkeep.h>

#include <algorithm>
#include <string>

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

Result<void> Retention::repeat(const Event& applied) {
    const auto there = emptiedBy(applied);
    if (!there) return Error{ErrorCode::storage_damaged, "a retention_applied that says nothing"};
    chunk_.emplace();
    PARLEY_TRY_ASSIGN(*chunk_, log_.emptyThrough(there->through));
    // It may begin earlier here: a walk that finds nothing to empty appends no event.
    if (chunk_->emptied == there->events) return {};
    return Error{ErrorCode::storage_damaged,
                 "retention emptied " + std::to_string(there->events) + " events up to " +
                     std::to_string(there->through.value) + " on the leader, and " +
                     std::to_string(chunk_->emptied) + " here"};
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
