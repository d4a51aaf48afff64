#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/answer.h>
#include <parley/domain/event.h>
#include <parley/domain/roles.h>
#include <parley/domain/user_list.h>
#include <parley/domain/visibility.h>

#include <optional>
#include <string>

namespace parley {

/// A user who takes part in a conversation. A value.
struct Participant {
    UserId user;
    UserKey userKey;
    UserRole role;        ///< of the last join
    UnixMillis joinedAt;  ///< of the first join since the last leave
    bool hidden = false;  ///< customers are not told
};

/// Whether `viewer` is told that somebody takes part.
bool sees(const Viewer& viewer, const Participant& participant);

/// A user who is typing at this moment.
struct TypingUser {
    UserId user;
    std::string userName;
    bool hidden = false;  ///< no customer was told that the user types
};

/// What a conversation's messages add up to, for viewers who see the same ones of them.
struct ConversationFigures {
    std::int64_t messageCount = 0;
    Seq lastMessageSeq;        ///< 0 while there is no message
    UnixMillis lastMessageAt;  ///< createdAt while there is no message
    UnixMillis updatedAt;      ///< when the last message, join or leave was

    auto operator<=>(const ConversationFigures&) const = default;
};

/// Counts one event, the last of its conversation: a message in `all`, and in `customers` if every
/// customer may see it; a join or a leave in the times of both. The one rule for the state in
/// memory and the table `conversation`.
void count(ConversationFigures& all, ConversationFigures& customers, const FoldableEvent& event);

/// What one user wrote in a conversation that customers may not see. The author may, also when
/// reading as a customer. All 0: they wrote none.
struct HiddenMessages {
    std::int64_t count = 0;
    Seq lastSeq;        ///< of the last of them
    UnixMillis lastAt;  ///< likewise
};

/// What `decide` needs to know of a conversation, and what the Conversation view shows of it.
/// Seq 0 means that it has not been started.
struct ConversationState {
    ConversationId id;
    ConversationKey key;
    Seq lastSeq;
    UnixMillis createdAt;
    ConversationFigures figures;          ///< of all messages: what staff see
    ConversationFigures customerFigures;  ///< of the messages that every customer may see
    std::optional<Moment> waiting;        ///< a customer waits since then (domain/answer.h)
    bool isActive = true;                 ///< no event closes a conversation yet
    UserList<Participant> participants;   ///< in the order they joined
    UserList<TypingUser> typing;          ///< lives in memory only: a restart ends all typing

    bool started() const { return lastSeq.value > 0; }
    const Participant* find(const UserId& user) const { return participants.find(user); }
    const TypingUser* findTyping(const UserId& user) const { return typing.find(user); }
};

/// Applies one event, by its family's `evolve`. Total: whatever the log holds can be folded.
/// REQUIRES: the event follows those that `state` has seen. Pure.
void evolve(ConversationState& state, const Event& event);

/// Whether what `viewer` wrote can make a difference to what they may see: then figuresFor needs
/// it, which costs a look-up. No for staff, and where nothing is hidden.
bool seesOwnHidden(const ConversationState& state, const Viewer& viewer);

/// The figures as `viewer` may know them. `own`: what the viewer wrote that customers may not see;
/// needed only where `seesOwnHidden`.
ConversationFigures figuresFor(const ConversationState& state, const Viewer& viewer,
                               const HiddenMessages& own = {});

}  // namespace parley
