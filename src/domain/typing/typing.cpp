#include "domain/new_event.h"
#include "domain/typing/ending.h"

#include <parley/core/json.h>
#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/decide.h>
#include <parley/domain/refusals.h>
#include <parley/domain/typing/typing.h>
#include <parley/domain/visibility.h>

#include <utility>

namespace parley {
namespace {

Event typingEvent(EventType type, const ConversationId& conversation, const UserId& user,
                  std::string_view userName, bool hidden, std::string_view why = {}) {
    Event event = newEvent(type, conversation, user, why);
    if (hidden) event.visible = false;
    event.data.clear();
    JsonWriter(event.data).beginObject().field("userName", userName).endObject();
    return event;
}

TypingChanged changed(Event&& event, bool isTyping) {
    auto userName = userNameOf(event);
    const bool visible = visibleToEveryCustomer(event);
    return {.conversation = std::move(event.conversation),
            .conversationKey = event.conversationKey,
            .user = std::move(event.actor),
            .userName = std::move(userName),
            .isTyping = isTyping,
            .visible = visible};
}

}  // namespace

void endTypingIn(std::vector<Event>& events, const ConversationState& state, const UserId& user,
                 std::string_view why) {
    if (const auto* typing = state.findTyping(user)) {
        events.push_back(typingEvent(EventType::typingStopped, state.id, user, typing->userName,
                                     typing->hidden, why));
    }
}

Decision decide(const ConversationState& state, const StartTyping& typing, const DecideContext&) {
    if (!state.started()) return conversationNotFound(typing.conversation);
    const auto* typist = state.find(typing.user);
    if (!typist) return notParticipant(typing.conversation, typing.user);
    PARLEY_TRY(mayHide(typist->role, typing.isVisible));
    const bool asked = typing.toRole || typing.isVisible;
    const bool hidden =
        typist->hidden || (asked && !visibleToCustomers(typist->role, MessageType::text,
                                                        typing.toRole, typing.isVisible));
    return std::vector{typingEvent(EventType::typingStarted, typing.conversation, typing.user,
                                   typing.userName, hidden)};
}

Decision decide(const ConversationState& state, const StopTyping& typing, const DecideContext&) {
    if (!state.started()) return conversationNotFound(typing.conversation);
    if (!state.find(typing.user)) return notParticipant(typing.conversation, typing.user);
    const auto* known = state.findTyping(typing.user);
    return std::vector{typingEvent(EventType::typingStopped, typing.conversation, typing.user,
                                   known ? known->userName : std::string(),
                                   known && known->hidden)};
}

Decision decide(const ConversationState& state, const EndTyping& end, const DecideContext&) {
    std::vector<Event> events;
    endTypingIn(events, state, end.user, end.why);
    return events;
}

void evolve(OfType<EventType::typingStarted>, ConversationState& state, const Event& event) {
    if (auto* known = state.typing.find(event.actor)) {
        known->userName = userNameOf(event);
        // Customers who were told of an earlier start are told of the end.
        known->hidden = known->hidden && !visibleToEveryCustomer(event);
    } else {
        state.typing.add({event.actor, userNameOf(event), !visibleToEveryCustomer(event)});
    }
}

void evolve(OfType<EventType::typingStopped>, ConversationState& state, const Event& event) {
    state.typing.remove(event.actor);
}

Result<TypingChanged> updateOf(OfType<EventType::typingStarted>, Event&& event, Facts&) {
    return changed(std::move(event), true);
}

Result<TypingChanged> updateOf(OfType<EventType::typingStopped>, Event&& event, Facts&) {
    return changed(std::move(event), false);
}

std::string userNameOf(const Event& typing) {
    if (typing.data.empty()) return {};
    const auto data = parseJson(typing.data);
    if (!data || !data->is_object()) return {};
    const auto name = data->find("userName");
    return name != data->end() && name->is_string() ? name->get<std::string>() : std::string();
}

}  // namespace parley
