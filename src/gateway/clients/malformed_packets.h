#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace parley {

/// Counts connections that were closed because the client sent something that is no packet, as with
/// another parser than Socket.IO's own. Such a client comes back at once, again and again: the
/// first is warned of, and after that one warning a minute tells how many there were. Any thread.
class MalformedPackets {
public:
    static constexpr std::chrono::milliseconds kBetweenWarnings{60'000};

    /// Counts one more at the monotonic time `now`. Returns how many have not been warned of yet,
    /// if it is time to warn.
    std::optional<std::uint64_t> count(std::chrono::milliseconds now);

    /// Counts one more, and logs a warning if it is time to.
    void warnIfDue(std::chrono::milliseconds now);

    /// All since the start.
    std::uint64_t sessions() const { return sessions_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> sessions_{0};
    std::atomic<std::uint64_t> told_{0};
    std::atomic<std::int64_t> nextWarningMs_{0};
};

}  // namespace parley
