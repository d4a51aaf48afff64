#include "engine/upkeep/space_watch.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/log/data_folder.h>

#include <algorithm>

namespace parley {
namespace {

constexpr std::chrono::milliseconds kLookEvery{5000};
constexpr std::chrono::milliseconds kLookWhileFullEvery{500};

}  // namespace

void SpaceWatch::look(std::chrono::milliseconds now) {
    nextLook_ = now + (full() ? kLookWhileFullEvery : kLookEvery);
    const auto free = DataFolder::freeBytesIn(folder_);
    if (!free) return;  // nothing learnt: the next commit will tell
    freeBytes_.store(*free, std::memory_order_relaxed);
    // A tenth more before it counts as enough, so that a value on the edge does not fill the log.
    const bool low = *free < (low_ ? warnBytes_ + warnBytes_ / 10 : warnBytes_);
    if (low && !low_) {
        logger().warn("storage_low free_bytes={} warn_free_bytes={} folder=\"{}\"", *free,
                      warnBytes_, folder_.string());
    } else if (low_ && !low) {
        logger().info("storage_enough free_bytes={}", *free);
    }
    low_ = low;
}

void SpaceWatch::foundNoRoom(std::chrono::milliseconds now) {
    full_.store(true, std::memory_order_relaxed);
    nextLook_ = std::min(nextLook_, now + kLookWhileFullEvery);
}

bool SpaceWatch::worthTrying() const {
    return freeBytes() >= limits::kRoomToTryAgainBytes;
}

}  // namespace parley
