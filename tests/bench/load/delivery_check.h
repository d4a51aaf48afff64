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
/// The member that is first to see a message fixes its place in the room's order; that first copy
/// is read and checked in full. Everybody else must then get the same at the same place, which is
/// one comparison of bytes as long as the server sends all members the same frame.
///
/// The first violation decides: it is kept as a suspicion until finish(), because only what comes
/// (or does not come) afterwards tells a lost message from one that is late.
class DeliveryCheck {
public:
    DeliveryCheck(std::size_t rooms, std::size_t membersPerRoom, std::size_t sendersPerRoom);

    /// `member` of `room` got a new_message event; gives which message it is, nothing if it is
    /// wrong.
    std::optional<Ident> deliver(std::size_t room, std::size_t member, std::string_view json);

    /// The server acknowledged this message of `member`: from now on it may not get lost.
    /// Broadcasts come before acknowledgements, so its author must have seen it already.
    void acknowledge(std::size_t member, const Ident& ident);

    /// Something else is wrong, in words. Only the first problem is kept.
    void fail(std::string problem);

    /// True once something is wrong: stop sending, listen a little longer, then call finish().
    bool broken() const { return suspicion_.has_value() || !problem_.empty(); }

    /// True when everybody has seen everything that anybody has seen or that was acknowledged.
    bool settled() const;

    /// The verdict: empty if every delivery was right, else what was wrong, in one sentence.
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
        std::deque<Entry> order;  ///< what not all members have seen yet, from place `base`
        std::uint64_t base = 0;
        std::vector<std::uint64_t> memberNext;    ///< by member: the place it waits for
        std::vector<std::uint32_t> senderNext;    ///< by sender: its first number nobody saw yet
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

    /// Gives what is wrong with this conversation_updated event, empty if nothing.
    std::string deliver(std::string_view json);

    std::uint64_t messageCount(std::size_t room) const { return counts_[room]; }
    std::uint64_t deliveries() const { return deliveries_; }

private:
    std::string key_;
    std::vector<std::uint64_t> counts_;
    std::uint64_t deliveries_ = 0;
};

}  // namespace parley::bench
