#include <parley/domain/conversation_state.h>
#include <parley/domain/families.h>

#include <algorithm>

namespace parley {
namespace {

void addMessage(ConversationFigures& figures, const FoldableEvent& message) {
    ++figures.messageCount;
    figures.lastMessageSeq = message.seq;
    figures.lastMessageAt = figures.updatedAt = message.at;
}

bool isCustomer(const Participant* participant) {
    return participant && participant->role == UserRole::customer;
}

}  // namespace

bool sees(const Viewer& viewer, const Participant& participant) {
    return visible(!participant.hidden, participant.userKey, viewer);
}

void count(ConversationFigures& all, ConversationFigures& customers, const FoldableEvent& event) {
    if (isMessage(event.type)) {
        addMessage(all, event);
        if (visibleToEveryCustomer(event)) addMessage(customers, event);
    } else if (isMembership(event.type)) {
        all.updatedAt = event.at;
        if (visibleToEveryCustomer(event)) customers.updatedAt = event.at;
    }
}

void evolve(ConversationState& state, const Event& event) {
    state.lastSeq = event.seq;
    count(state.figures, state.customerFigures, event);
    const bool wasCustomer = isMembership(event.type) && isCustomer(state.find(event.actor));
    withType(event.type, [&](auto type) { evolve(type, state, event); });
    if (asks(event)) {
        if (!state.waiting) state.waiting = momentOf(event);
    } else if (answers(event)) {
        state.waiting.reset();
    } else if (wasCustomer && std::ranges::none_of(state.participants, [](const Participant& one) {
                   return isCustomer(&one);
               })) {
        state.waiting.reset();
    }
}

bool seesOwnHidden(const ConversationState& state, const Viewer& viewer) {
    return viewer.role() == UserRole::customer && viewer.user().value != 0 &&
           state.figures.messageCount != state.customerFigures.messageCount;
}

ConversationFigures figuresFor(const ConversationState& state, const Viewer& viewer,
                               const HiddenMessages& own) {
    if (viewer.role() != UserRole::customer) return state.figures;
    ConversationFigures seen = state.customerFigures;
    if (own.count == 0) return seen;
    seen.messageCount += own.count;
    seen.lastMessageSeq = std::max(seen.lastMessageSeq, own.lastSeq);
    seen.lastMessageAt = std::max(seen.lastMessageAt, own.lastAt);
    seen.updatedAt = std::max(seen.updatedAt, own.lastAt);
    return seen;
}

}  // namespace parley
