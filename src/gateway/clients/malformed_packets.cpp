#include "gateway/clients/malformed_packets.h"

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

}  // namespace parley
