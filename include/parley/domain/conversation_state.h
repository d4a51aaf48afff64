#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/event.h>
#include <parley/domain/roles.h>
#include <parley/domain/user_list.h>

#include <optional>
#include <string>

namespace parley {

/// A user who takes part in a conversation.
struct Participant {
    UserId user;
    UserKey userKey;
    UserRole role;
    UnixMillis joinedAt;
};

/// A user who is typing at this moment.
struct TypingUser {
    UserId user;
    std::string userName;
};

/// What `decide` needs to know of a conversation; what the Conversation view shows of it.
/// Seq 0 means that it has not been started.
struct ConversationState {
    ConversationId id = ConversationId::fromStored({});
    ConversationKey key;
    Seq lastSeq;
    UnixMillis createdAt;
    UnixMillis updatedAt;
    UnixMillis lastMessageAt;  ///< createdAt while there is no message
    std::int64_t messageCount = 0;
    bool isActive = true;
    UserList<Participant> participants;  ///< in the order they joined
    UserList<TypingUser> typing;         ///< lives in memory only: a restart ends all typing

    bool started() const { return lastSeq.value > 0; }
    const Participant* find(const UserId& user) const { return participants.find(user); }
    const TypingUser* findTyping(const UserId& user) const { return typing.find(user); }
};

/// Applies one event. Total: whatever the log holds can be folded.
void evolve(ConversationState& state, const Event& event);

/// The userName in a typing event's data; empty when retention has emptied it.
std::string userNameOf(const Event& typing);

}  // namespace parley
