#pragma once

#include <optional>
#include <vector>

#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

namespace parley {

/// What a decision needs beyond the conversation's own state.
struct DecideContext {
    /// For ShareRobotMessage: the message of that id in this conversation, if there is one.
    const Event* original = nullptr;
};

/// What `command` makes happen in a conversation in `state`: the events in order, without
/// position, seq, id and time; or why it is refused, in which case nothing happens. An empty
/// list is success without anything new (a participant joins again).
/// Pure: no clock, no I/O, no randomness. SendMessage must have its defaults filled in.
Result<std::vector<Event>> decide(const ConversationState& state, const Command& command,
                                  const DecideContext& context = {});

}  // namespace parley
