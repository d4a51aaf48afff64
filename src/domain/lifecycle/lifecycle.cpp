#include "domain/lifecycle/starting.h"
#include "domain/membership/joining.h"
#include "domain/new_event.h"

#include <parley/core/json.h>
#include <parley/core/try.h>
#include <parley/domain/decide.h>
#include <parley/domain/facts.h>
#include <parley/domain/lifecycle/lifecycle.h>
#include <parley/domain/refusals.h>

#include <memory>
#include <utility>

namespace parley {

void startIfNew(std::vector<Event>& events, const ConversationState& state,
                const ConversationId& conversation, const UserId& by, UserRole role,
                std::string_view why) {
    if (state.started()) return;
    Event started = newEvent(EventType::conversationStarted, conversation, by, why);
    started.role = role;
    events.push_back(std::move(started));
}

Decision decide(const ConversationState& state, const StartConversation& start,
                const DecideContext& context) {
    if (state.started()) {
        return Error{ErrorCode::conversation_exists,
                     "conversation \"" + start.conversation.str() + "\" has been started"};
    }
    PARLEY_TRY(mayBeNew(start.conversation.str(), "conversationId"));
    PARLEY_TRY(mayBeNew(start.createdBy.str(), "createdBy"));
    for (const auto& named : start.initialParticipants) {
        PARLEY_TRY(mayBeNew(named.user.str(), "initialParticipants"));
    }
    PARLEY_TRY(hasRoomFor(start.initialParticipants.size(), state, context));
    std::vector<Event> events;
    startIfNew(events, state, start.conversation, start.createdBy, start.createdByRole);
    if (start.title || start.description) {
        // People typed these: they are content, which can be erased one day.
        Json text = Json::object();
        if (start.title) text["title"] = *start.title;
        if (start.description) text["description"] = *start.description;
        events.back().content = text.dump();
    }
    for (const auto& named : start.initialParticipants) {
        events.push_back(joinedEvent(start.conversation, named.user, named.role, cause::kStart));
    }
    return events;
}

void evolve(OfType<EventType::conversationStarted>, ConversationState& state, const Event& event) {
    state.id = event.conversation;
    state.key = event.conversationKey;
    state.createdAt = event.at;
    state.figures = state.customerFigures = {0, {}, event.at, event.at};
}

Result<ConversationStarted> updateOf(OfType<EventType::conversationStarted>, Event&& event,
                                     Facts& facts) {
    PARLEY_TRY_ASSIGN(auto joins, facts.firstJoins(event));
    ConversationStarted update;
    evolve(update.conversation, event);
    for (const auto& join : joins) evolve(update.conversation, join);
    update.event = update.last = std::make_shared<const Event>(std::move(event));
    if (!joins.empty()) update.last = std::make_shared<const Event>(std::move(joins.back()));
    return update;
}

}  // namespace parley
