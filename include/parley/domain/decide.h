#pragma once

#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>

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
    /// For a message with a clientMessageId: what its author sent or shared under it before.
    const Event* sentBefore = nullptr;
    /// For a message: through whose eyes the sender sees the conversation.
    Viewer viewer{};
    /// For SendMessage with an expectedSeq: the seq of the last message that `viewer` may see, 0
    /// if there is none.
    Seq lastSeen{};
    /// For ShareRobotMessage: the first share of that message.
    const Event* sharedBefore = nullptr;
};

/// What `command` makes happen in a conversation in `state`: the events in order, without
/// position, seq, id and time; or why it is refused, in which case nothing happens. An empty
/// list is success without anything new: a participant joins again, or the message has been sent
/// or shared before and that one (`sentBefore`, else `sharedBefore`) answers.
/// Pure: no clock, no I/O, no randomness. LeaveRoom and SendMessage must have their defaults filled
/// in: what lacks one is refused.
Result<std::vector<Event>> decide(const ConversationState& state, const Command& command,
                                  const DecideContext& context = {});

}  // namespace parley
