#include "engine/upkeep/write_lock_watch.h"

#include <parley/core/logging.h>
#include <parley/log/lock_holder.h>

namespace parley {
namespace {

constexpr const char* kWarning = "write_lock_held";

}  // namespace

void WriteLockWatch::foundHeld(std::chrono::milliseconds now) {
    nextLook_ = now + kLookEvery;
    const auto holder = writeLockHolder(database_);
    warnings_.raise(kWarning, "another process holds the database's write lock: " + toText(holder) +
                                  "; requests that write get `busy` until it ends its transaction");
    if (held_ && now < nextLog_) return;
    held_ = true;
    nextLog_ = now + kLogEvery;
    logger().warn("write_lock_held pid={} name=\"{}\" command=\"{}\"", holder ? holder->pid : 0,
                  holder ? holder->name : "", holder ? holder->command : "");
}

void WriteLockWatch::foundFree() {
    if (!held_) return;
    held_ = false;
    warnings_.clear(kWarning);
    logger().info("write_lock_free");
}

}  // namespace parley
