#pragma once

#include "net/tcp_connection.h"

#include <parley/core/numbers.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace parley::net {

/// The connections of one loop; owns them. A connection's number is made of its loop, a count and
/// its slot: finding one is an index and a comparison, and a later connection in the same slot has
/// another number. The loop's thread only.
class ConnectionSlots {
public:
    explicit ConnectionSlots(LoopIndex loop) : loop_(loop) {}

    /// Gives the connection its number. False when every slot is taken: then it is still the
    /// caller's.
    bool add(std::unique_ptr<TcpConnection>& connection);
    /// Null when it is not here (any more).
    TcpConnection* find(std::uint64_t number) const {
        TcpConnection* connection = findBySlotOf(number);
        return connection && connection->number == number ? connection : nullptr;
    }
    /// The connection that now has the slot of `number`. For a request's number: its own connection
    /// may have gone.
    TcpConnection* findBySlotOf(std::uint64_t number) const {
        const auto slot = static_cast<std::size_t>(number & kSlotMask);
        return slot < slots_.size() ? slots_[slot].get() : nullptr;
    }
    /// A number, unique in the process, that ends with the slot of `number`: for a request of that
    /// connection.
    std::uint64_t newNumber(std::uint64_t number) {
        return std::uint64_t{loop_.value} << kLoopShift |
               (++sequence_ & kSequenceMask) << kSlotBits | (number & kSlotMask);
    }
    /// What the numbers of one connection and of its requests have in common: loop and slot.
    static std::uint64_t commonOf(std::uint64_t number) {
        return number & ~(kSequenceMask << kSlotBits);
    }
    /// Takes the connection out; null when it is not here.
    std::unique_ptr<TcpConnection> remove(std::uint64_t number);
    std::size_t count() const { return count_; }
    /// `visit` must not add or remove connections.
    template <typename Visit>
    void forEach(const Visit& visit) const {
        for (const auto& connection : slots_) {
            if (connection) visit(*connection);
        }
    }

private:
    // A number's bits: 8 for the loop (net::Options::threads is 64 at most; the highest bit stays
    // free for EpollSet), 36 to count with, 20 for the slot.
    static constexpr int kSlotBits = 20;
    static constexpr int kLoopShift = 56;
    static constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << kSlotBits) - 1;
    static constexpr std::uint64_t kSequenceMask =
        (std::uint64_t{1} << (kLoopShift - kSlotBits)) - 1;

    const LoopIndex loop_;
    std::vector<std::unique_ptr<TcpConnection>> slots_;
    std::vector<std::uint32_t> freeSlots_;
    std::size_t count_ = 0;
    std::uint64_t sequence_ = 0;
};

}  // namespace parley::net
