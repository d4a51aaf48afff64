#pragma once

#include <parley/domain/event.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace parley::audit {

/// A stay that has begun.
struct OpenStay {
    UserKey user;
    UserRole role = UserRole::customer;
    Position joined;
};

/// How a stay ended. The numbers are stored.
enum class StayEnd : std::uint8_t { left = 1, removed = 2, otherRole = 3 };

/// A stay that an event ended.
struct EndedStay {
    OpenStay stay;
    StayEnd end = StayEnd::left;
};

/// What one event changed about the stays of its conversation.
struct StayChange {
    std::optional<EndedStay> ended;
    std::optional<OpenStay> begun;
    bool lastCustomerLeft = false;  ///< there was a customer before, and there is none now
};

/// What a fold needs to know of a conversation from its earlier events: who is in it.
class OpenStays {
public:
    /// Takes in the next event of the conversation.
    StayChange apply(const FoldableEvent& event);
    /// Puts in a stay that was read from the tables.
    void add(const OpenStay& stay);
    /// The stay of `user`; nothing where they are not in.
    std::optional<OpenStay> stayOf(UserKey user) const;

private:
    StayChange join(const FoldableEvent& event);
    StayChange leave(const FoldableEvent& event);
    std::optional<OpenStay> take(UserKey user);

    std::vector<OpenStay> stays_;
    int customers_ = 0;
};

}  // namespace parley::audit
