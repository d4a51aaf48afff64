#include "app/generate/play.h"

#include "app/generate/commands.h"

#include <parley/core/try.h>
#include <parley/domain/decide.h>

#include <utility>

namespace parley::app::generate {

Result<void> Play::play(Plan& plan, const Progress& progress) {
    for (;;) {
        const auto begins = plan.nextBegin();
        if (begins && (agenda_.empty() || *begins <= agenda_.top().at)) {
            begin(plan.next());
            continue;
        }
        if (agenda_.empty()) return {};
        const Due due = agenda_.top();
        agenda_.pop();
        auto& conversation = *conversations_.at(due.conversation);
        PARLEY_TRY(takeStep(conversation));
        if (conversation.next < conversation.story.steps.size()) {
            agenda_.push({conversation.story.steps[conversation.next].at, due.conversation});
            continue;
        }
        if (!conversation.story.goesOn) conversations_.erase(due.conversation);
        progress(database_.head());
    }
}

void Play::begin(Story story) {
    if (story.steps.empty()) return;
    const std::int64_t number = story.conversation;
    auto& conversation = conversations_[number];
    if (!conversation) conversation = std::make_unique<Conversation>();
    auto& known = *conversation;
    const bool waits = known.next < known.story.steps.size();
    if (waits) {  // a visit that is not over; the new one follows on it
        known.story.people = std::move(story.people);
        auto& steps = known.story.steps;
        steps.insert(steps.end(), story.steps.begin(), story.steps.end());
        return;
    }
    known.story = std::move(story);
    known.next = 0;
    agenda_.push({known.story.steps.front().at, number});
}

Result<void> Play::takeStep(Conversation& conversation) {
    const StoryStep& step = conversation.story.steps[conversation.next++];
    const auto id = conversationIdOf(conversation.story.conversation);
    const auto command = commandOf(conversation.story, step, id, conversation.robots);
    DecideContext context;
    if (step.act == Act::share) context.original = &*conversation.robots;
    PARLEY_TRY_ASSIGN(auto events, decide(conversation.state, command, context));
    PARLEY_TRY(append(conversation, std::move(events), step.at));
    if (step.act == Act::share) conversation.robots.reset();
    return {};
}

Result<void> Play::append(Conversation& conversation, std::vector<Event> events, UnixMillis at) {
    ConversationState& state = conversation.state;
    Seq seq = state.lastSeq;
    for (auto& event : events) {  // as Appender::number does
        event.seq = {++seq.value};
        event.at = at;
        event.id = uuids_.next(at);
        event.conversationKey = state.key;
        if (const auto* known = state.find(event.actor)) event.actorKey = known->userKey;
    }
    if (events.empty()) return {};
    PARLEY_TRY(database_.append(events));
    for (const auto& event : events) {
        evolve(state, event);
        if (event.messageType == MessageType::robot && event.type == EventType::messageSent) {
            conversation.robots = event;
        }
    }
    return {};
}

}  // namespace parley::app::generate
