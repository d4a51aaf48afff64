#pragma once

#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace parley {

/// What a decision needs beyond the conversation's own state.
struct DecideContext {
    /// For ShareRobotMessage: the message of that id in this conversation, if there is one.
    const Event* original = nullptr;
    /// For LeaveRoom: the connection that asks receives the conversation as this user. To end that
    /// is a leave, whether or not the user still takes part.
    bool subscribed = false;
    /// A join of one more than this many is refused with `limit_reached`.
    std::size_t participantsMax = SIZE_MAX;
};

/// What `command` makes happen in a conversation in `state`: the events in order, without
/// position, seq, id and time; or why it is refused, in which case nothing happens. An empty
/// list is success without anything new (a participant joins again).
/// Pure: no clock, no I/O, no randomness. LeaveRoom and SendMessage must have their defaults filled
/// in: what lacks one is refused.
Result<std::vector<Event>> decide(const ConversationState& state, const Command& command,
                                  const DecideContext& context = {});

}  // namespace parley
