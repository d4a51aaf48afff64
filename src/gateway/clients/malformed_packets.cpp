#include "gateway/clients/malformed_packets.h"

#include <parley/core/logging.h>

namespace parley {

std::optional<std::uint64_t> MalformedPackets::count(std::chrono::milliseconds now) {
    const auto sessions = sessions_.fetch_add(1, std::memory_order_relaxed) + 1;
    auto due = nextWarningMs_.load(std::memory_order_relaxed);
    const auto next = (now + kBetweenWarnings).count();
    if (now.count() < due || !nextWarningMs_.compare_exchange_strong(due, next)) {
        return std::nullopt;
    }
    return sessions - told_.exchange(sessions);
}

void MalformedPackets::warnIfDue(std::chrono::milliseconds now) {
    if (const auto sessions = count(now)) {
        logger().warn(
            "malformed_packets sessions_closed={} hint=\"clients send what is no packet "
            "of Socket.IO 5 with its default parser\"",
            *sessions);
    }
}

}  // namespace parley
