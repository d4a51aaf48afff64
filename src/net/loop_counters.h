#pragma once

#include <parley/net/server.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace parley::net {

/// What one loop counts for net::Counters. Written by its thread, read by any.
class LoopCounters {
public:
    using Count = std::atomic<std::uint64_t>;

    // Since the start:
    Count accepted{0}, bytesIn{0}, bytesOut{0}, framesOut{0}, acceptPauses{0};
    Count handshakesFull{0}, handshakesResumed{0}, handshakesFailed{0};
    /// Of WebSockets alone; engineio counts those of polling sessions.
    Count framesDropped{0}, slowClientsClosed{0};
    // Now:
    Count webSocketsOpen{0}, clientsPaused{0}, timers{0}, outboxBytes{0};
    std::atomic<bool> acceptPaused{false};

    /// An answer was made; `status` is 200 to 599.
    void countAnswer(std::size_t route, int status) {
        const auto kind = static_cast<std::size_t>(status / 100 - 2);
        if (kind < kStatusClassCount) add(answers_[route][kind], 1);
    }
    void count(Refused reason) { add(refused_[static_cast<std::size_t>(reason)], 1); }
    static void add(Count& count, std::uint64_t more) {
        count.fetch_add(more, std::memory_order_relaxed);
    }
    static void set(Count& count, std::uint64_t now) {
        count.store(now, std::memory_order_relaxed);
    }

    /// The loop's thread, once a turn: what its Engine.IO sessions counted.
    void publish(const engineio::EndpointCounters& engine, std::size_t sessions);
    /// Any thread: adds all of this to `sum`.
    void addTo(Counters& sum) const;
    /// Bytes that wait for this loop's clients, as of the last turn's end. Any thread.
    std::uint64_t outputBytes() const { return get(outboxBytes) + get(pollBytes_); }

private:
    static std::uint64_t get(const Count& count) { return count.load(std::memory_order_relaxed); }

    std::array<Count, kRefusedCount> refused_{};
    std::array<std::array<Count, kStatusClassCount>, kRoutesMax> answers_{};
    // Of the Engine.IO sessions:
    Count sessions_{0}, framesDroppedPolling_{0}, slowPollers_{0}, pingTimeouts_{0},
        pollsParked_{0}, pollersPaused_{0}, pollBytes_{0}, refusedFull_{0}, refusedDraining_{0},
        refusedCredentials_{0}, pollingOpen_{0};
    std::array<Count, engineio::kTransportKindCount> received_{}, sent_{};
};

}  // namespace parley::net
