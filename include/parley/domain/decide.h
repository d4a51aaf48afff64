#pragma once

#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/decision.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>

#include <cstddef>
#include <cstdint>

namespace parley {

/// What a decision needs beyond the conversation's own state. The events pointed to outlive the
/// call to `decide`.
struct DecideContext {
    /// ShareRobotMessage: the message of that id in this conversation; null: there is none.
    const Event* original = nullptr;
    /// LeaveRoom: the connection that asks receives the conversation as this user. To end that is
    /// a leave, whether or not the user still takes part.
    bool subscribed = false;
    /// Joins beyond this many participants are refused with `limit_reached`.
    std::size_t participantsMax = SIZE_MAX;
    /// SendMessage and ShareRobotMessage with a clientMessageId: what the author sent or shared
    /// under it before; null: nothing.
    const Event* sentBefore = nullptr;
    /// SendMessage and ShareRobotMessage: through whose eyes the sender sees the conversation.
    Viewer viewer{};
    /// SendMessage with an expectedSeq: the seq of the last message that `viewer` may see; 0: there
    /// is none.
    Seq lastSeen{};
    /// ShareRobotMessage: the first share of that message; null: it has not been shared.
    const Event* sharedBefore = nullptr;
};

/// What `command` makes happen in a conversation in `state`. No events mean success without
/// anything new: a participant joins again, or the message was sent or shared before, and that one
/// (`sentBefore`, else `sharedBefore`) is the answer.
/// Pure: no clock, no I/O, no randomness; any thread.
/// REQUIRES: the defaults of LeaveRoom and SendMessage are filled in. A command that lacks one is
/// refused with `missing_field`.
Decision decide(const ConversationState& state, const Command& command,
                const DecideContext& context = {});

}  // namespace parley
