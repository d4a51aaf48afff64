#pragma once

#include <parley/domain/conversation_state.h>
#include <parley/domain/event.h>

#include <memory>
#include <variant>
#include <vector>

/// What changed in the views, in the domain's words. Broadcasters turn updates into wire events.
namespace parley {

using EventPtr = std::shared_ptr<const Event>;

struct ConversationStarted {
    Position position;        ///< of the last event it tells of
    Fingerprint fingerprint;  ///< likewise
    UserId createdBy;
    ConversationState conversation;  ///< with its initial participants
    UnixMillis at;
};

struct ParticipantAdded {
    Position position;
    Fingerprint fingerprint;
    ConversationId conversation;
    ConversationKey conversationKey;
    Participant participant;
    UnixMillis at;
};

/// A participant subscribed from one more connection. No event of the log tells of it.
struct ParticipantReturned {
    ConversationId conversation;
    ConversationKey conversationKey;
    Participant participant;
};

struct ParticipantRemoved {
    Position position;
    Fingerprint fingerprint;
    ConversationId conversation;
    ConversationKey conversationKey;
    Participant participant;
    UnixMillis at;
};

struct MessageAdded {
    EventPtr message;
    std::int64_t messageCount = 0;
    UnixMillis lastMessageAt;
    UnixMillis updatedAt;
};

struct TypingChanged {
    ConversationId conversation;
    ConversationKey conversationKey;
    UserId user;
    std::string userName;
    bool isTyping = false;
    /// The connection that typed, where another one's request ended that; 0: the request's own.
    std::uint64_t typedOn = 0;
};

using ProjectionUpdate = std::variant<ConversationStarted, ParticipantAdded, ParticipantReturned,
                                      ParticipantRemoved, MessageAdded, TypingChanged>;

/// Folds the events of one command into `state` and says what changed, in log order. The
/// participants a conversation starts with are part of its start, not updates of their own.
std::vector<ProjectionUpdate> project(ConversationState& state, std::vector<Event> events);

}  // namespace parley
