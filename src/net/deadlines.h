#pragma once

#include "net/connection_slots.h"
#include "net/timers.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace parley::net {

/// The deadlines of one loop's connections, one each. A connection moves its deadline with every
/// request; the heap learns of that only when the old deadline comes, so that a request costs no
/// entry. The loop's thread only.
class Deadlines {
public:
    /// REQUIRES: `connections` outlives it.
    explicit Deadlines(const ConnectionSlots& connections) : connections_(connections) {}

    /// Replaces the deadline of `connection`. 0: none.
    void set(TcpConnection& connection, Millis deadline);
    /// When to call `popDue` next; nothing when no entry is left.
    std::optional<Millis> next() const { return heap_.next(); }
    /// A connection whose deadline has come by `now`; null when there is none. Call until null.
    TcpConnection* popDue(Millis now);
    /// Entries of the heap, those of connections that left included. Bounded by the open ones.
    std::size_t size() const { return heap_.size(); }

private:
    void dropVoid();

    const ConnectionSlots& connections_;
    DueHeap<std::uint64_t> heap_;
};

}  // namespace parley::net
