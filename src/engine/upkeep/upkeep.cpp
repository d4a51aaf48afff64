#include "engine/upkeep/upkeep.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{1000};

// Under load the writer is never quiet: a chunk of retention that has waited so long runs all the
// same, a small one.
constexpr milliseconds kWaitForQuiet{1000};

}  // namespace

milliseconds Upkeep::nextDue() const {
    const auto deletes = deletesFrom();
    auto first =
        std::min({std::max(parts_.sweep.nextDue(), deletes), parts_.space.nextLook(), nextLook_});
    if (parts_.lock.isHeld()) first = std::min(first, parts_.lock.nextLook());
    if (const auto chunk = parts_.retention.nextDue()) {
        first = std::min(first, std::max(*chunk, deletes));
    }
    return first;
}

// Nothing is deleted by age before then.
milliseconds Upkeep::deletesFrom() const {
    const auto trusted = parts_.clockWatch.trustedFrom();
    return parts_.lock.isHeld() ? std::max(parts_.lock.nextLook(), trusted) : trusted;
}

void Upkeep::look() {
    lookAtClockAndNote();
    lookAtSpace();
    if (!parts_.unit.fatal()) lookAtLock();
}

void Upkeep::lookAtClockAndNote() {
    const auto now = clock_.monotonic();
    if (now < nextLook_) return;
    nextLook_ = now + kLookEvery;
    const auto& head = parts_.unit.head();
    parts_.witness.lookAfter({head.position, head.hash});
    parts_.clockWatch.look(head.at);
}

// A full disk that has room again is noticed here, without a request.
void Upkeep::lookAtSpace() {
    const auto now = clock_.monotonic();
    if (now < parts_.space.nextLook()) return;
    parts_.space.look(now);
    if (!parts_.space.full() || !parts_.space.worthTrying()) return;
    if (parts_.unit.tryRoom()) {
        logger().info("storage_room_again free_bytes={}", parts_.space.freeBytes());
    }
}

// That another process has let go of its lock is noticed here, without a request.
void Upkeep::lookAtLock() {
    const auto now = clock_.monotonic();
    if (!parts_.lock.isHeld() || now < parts_.lock.nextLook()) return;
    if (parts_.db.isWritable()) {
        parts_.lock.foundFree();
    } else {
        parts_.lock.foundHeld(now);
    }
}

void Upkeep::work(bool quiet) {
    retain(quiet);
    if (parts_.unit.fatal()) return;
    const auto now = clock_.monotonic();
    if (now >= deletesFrom() && parts_.sweep.isDue(now, quiet)) parts_.sweep.carryOut();
}

void Upkeep::retain(bool quiet) {
    const auto due = parts_.retention.nextDue();
    if (!due) return;
    const auto now = clock_.monotonic();
    if (now < deletesFrom() || now < (quiet ? *due : *due + kWaitForQuiet)) return;
    auto done =
        retentionChunk(quiet ? limits::kRetentionEventsMax : limits::kRetentionEventsBusyMax);
    if (!done) parts_.unit.fail(done.error());
    done = parts_.unit.finish();
    if (!done) logger().warn("retention_failed error=\"{}\"", done.error().message);
}

// The emptying and the event that tells of it are one unit of work: neither is ever there alone.
Result<void> Upkeep::retentionChunk(int eventsMax) {
    PARLEY_TRY(parts_.unit.begin());
    PARLEY_TRY_ASSIGN(auto event, parts_.retention.emptyChunk(eventsMax));
    if (!event) return {};
    return parts_.system.append(std::move(*event));
}

}  // namespace parley
