#pragma once

#include <parley/core/clock.h>
#include <parley/core/numbers.h>

#include <chrono>
#include <compare>
#include <cstddef>
#include <optional>
#include <set>

namespace parley {

/// When the tokens of a loop's connections end, and when their clients are to be told so before.
/// Adding, removing and taking cost O(log n) in the connections. One thread.
class TokenDeadlines {
public:
    /// What is due of a connection's token.
    struct Due {
        UnixMillis at;
        ConnectionId connection;
        bool ends;           ///< false: its end is to be announced
        UnixMillis expires;  ///< when it ends

        std::strong_ordering operator<=>(const Due&) const = default;
    };

    /// `warning`: how long before its end a token's client is told. 0: it is not told.
    explicit TokenDeadlines(std::chrono::milliseconds warning) : warning_(warning) {}

    /// REQUIRES: the connection has no deadline here.
    void add(ConnectionId connection, UnixMillis expires);
    /// `expires`: as it was added with. Nothing happens where the connection has no deadline.
    void remove(ConnectionId connection, UnixMillis expires);
    /// Takes the earliest of what is due at `now`. Once a token's end has been announced, the end
    /// itself comes; then the connection has no deadline here any more.
    std::optional<Due> takeDue(UnixMillis now);

    bool empty() const { return due_.empty(); }
    std::size_t size() const { return due_.size(); }
    /// The time of the earliest. REQUIRES: there is one.
    UnixMillis next() const { return due_.begin()->at; }

private:
    Due warningOf(ConnectionId connection, UnixMillis expires) const;
    static Due endOf(ConnectionId connection, UnixMillis expires);

    const std::chrono::milliseconds warning_;
    std::set<Due> due_;  // one of a connection
};

}  // namespace parley
