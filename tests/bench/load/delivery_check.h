#pragma once

#include "ident.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

/// Checks that all members of a room see the same messages in the same order, each once, and that
/// the messages of one sender arrive in the order in which they were sent.
///
/// The first member that sees a message fixes its place in the room's order; this first copy is
/// parsed and checked in full. All other members must get the same message at the same place, which
/// is one comparison of bytes if the server sends all members the same frame.
///
/// The first violation decides. It is kept as a suspicion until finish(), because only later
/// messages (or their absence) tell a lost message from a late one.
class DeliveryCheck {
public:
    DeliveryCheck(std::size_t rooms, std::size_t membersPerRoom, std::size_t sendersPerRoom);

    /// `member` of `room` got a new_message event; returns which message it is, or nothing if it is
    /// wrong.
    std::optional<Ident> deliver(std::size_t room, std::size_t member, std::string_view json);

    /// The server acknowledged this message of `member`: from now on it may not get lost.
    /// Broadcasts come before acknowledgements, so its author must have seen it already.
    void acknowledge(std::size_t member, const Ident& ident);

    /// Reports another problem, in words. Only the first problem is kept.
    void fail(std::string problem);

    /// True after a problem: stop sending, keep listening for a moment, then call finish().
    bool broken() const { return suspicion_.has_value() || !problem_.empty(); }

    /// True if all members have seen every message that any member has seen or that was
    /// acknowledged.
    bool settled() const;

    /// The verdict: empty if every delivery was right, otherwise one sentence about the problem.
    std::string finish();

    std::uint64_t deliveries() const { return deliveries_; }
    std::uint64_t messagesSeen(std::size_t room) const { return rooms_[room].total(); }

private:
    struct Entry {
        std::string json;
        Ident ident;
        std::size_t seenBy = 0;
    };
    struct Room {
        std::deque<Entry> order;  ///< messages not yet seen by all members, from place `base`
        std::uint64_t base = 0;
        std::vector<std::uint64_t> memberNext;  ///< by member: the place it waits for
        std::vector<std::uint32_t> senderNext;  ///< by sender: its first number not seen by anybody
        std::vector<std::uint32_t> acknowledged;  ///< by sender
        std::uint64_t lastSeq = 0;

        std::uint64_t total() const { return base + order.size(); }
    };
    struct Suspicion {
        std::size_t room;
        std::size_t member;
        Ident missing;
        std::string instead;
        bool cameLate = false;
    };

    std::optional<Ident> first(std::size_t room, std::size_t member, std::string_view json);
    std::optional<Ident> differs(std::size_t room, std::size_t member, std::string_view json);
    void watchForLate(std::size_t room, std::size_t member, std::string_view json);
    void suspect(std::size_t room, std::size_t member, const Ident& missing, std::string instead);
    void seen(Room& room, std::size_t member);

    std::vector<Room> rooms_;
    std::size_t membersPerRoom_;
    std::uint64_t deliveries_ = 0;
    std::optional<Suspicion> suspicion_;
    std::string problem_;
};

/// Checks the dashboard: one conversation_updated for each message, counting up by one.
class DashboardCheck {
public:
    DashboardCheck(std::string conversationPrefix, std::size_t rooms);

    /// Returns what is wrong with this conversation_updated event, empty if nothing.
    std::string deliver(std::string_view json);

    std::uint64_t messageCount(std::size_t room) const { return counts_[room]; }
    std::uint64_t deliveries() const { return deliveries_; }

private:
    std::string key_;
    std::vector<std::uint64_t> counts_;
    std::uint64_t deliveries_ = 0;
};

}  // namespace parley::bench
