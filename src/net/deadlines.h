#pragma once

#include "net/connection_slots.h"
#include "net/timers.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace parley::net {

/// When which connection of a loop has waited long enough. A connection has one deadline, which
/// moves on with whatever it does: the heap learns of that only when the old one comes, so that a
/// request does not cost an entry. The loop's thread only.
class Deadlines {
public:
    /// REQUIRES: `connections` outlives it.
    explicit Deadlines(const ConnectionSlots& connections) : connections_(connections) {}

    /// In place of the deadline that `connection` had. 0: none.
    void set(TcpConnection& connection, Millis deadline);
    /// When `popDue` has something to look at.
    std::optional<Millis> next() const { return heap_.next(); }
    /// A connection whose deadline has come by `now`; null when there is none (any more).
    TcpConnection* popDue(Millis now);
    /// Entries of the heap, those of connections that left included. Bounded by the open ones.
    std::size_t size() const { return heap_.size(); }

private:
    void dropVoid();

    const ConnectionSlots& connections_;
    DueHeap<std::uint64_t> heap_;
};

}  // namespace parley::net
