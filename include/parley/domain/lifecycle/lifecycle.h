#pragma once

#include <parley/core/ids.h>
#include <parley/domain/authorize.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/decision.h>
#include <parley/domain/roles.h>
#include <parley/domain/text_bytes.h>

#include <optional>
#include <string>
#include <vector>

/// The life of a conversation. Pure; any thread.
namespace parley {

/// A first participant, as a request names them.
struct NamedParticipant {
    UserId user;
    UserRole role;
};

/// A conversation begins, with its first participants. Joins and messages start one too.
struct StartConversation {
    ConversationId conversation;
    UserId createdBy;
    UserRole createdByRole;
    std::optional<std::string> title;
    std::optional<std::string> description;
    std::vector<NamedParticipant> initialParticipants;  ///< each user once
    bool idIsNew = false;  ///< the request named no conversation: the server made the id for it
};

/// What the command counts for in the writer's queue.
/// What each command does, for the authorization table.
constexpr Action actionOf(const StartConversation&) {
    return Action::start;
}

inline std::size_t textBytesOf(const StartConversation& start) {
    std::size_t named = 0;
    for (const auto& one : start.initialParticipants) named += text_bytes::in(one.user);
    return named +
           text_bytes::sum(start.conversation, start.createdBy, start.title, start.description);
}

/// A conversation began. The joins that belong to its start are part of this update.
struct ConversationStarted {
    EventPtr event;
    EventPtr last;                   ///< the last of the events it tells of; `event` where alone
    ConversationState conversation;  ///< with its first participants
};

/// The start, whose content holds title and description, and the joins of the first participants.
/// The creator takes part only where they are named among these. Refuses with
/// `conversation_exists`; `invalid_id` (mayBeNew); `limit_reached` where more are named than may
/// take part.
Decision decide(const ConversationState& state, const StartConversation& start,
                const DecideContext& context);

/// Sets what a conversation begins with: its id, its key, its times.
void evolve(OfType<EventType::conversationStarted>, ConversationState& state, const Event& event);

/// Tells of the start together with the first participants' joins, for which it asks `facts`.
Result<ConversationStarted> updateOf(OfType<EventType::conversationStarted>, Event&& event,
                                     Facts& facts);

/// Whether the event is the join of a first participant, which is told with the start it follows.
inline bool belongsToStart(const FoldableEvent& event) {
    return event.type == EventType::participantJoined && event.cause == cause::kStart;
}

}  // namespace parley
