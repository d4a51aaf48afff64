#include <parley/core/limits.h>
#include <parley/projection/replay.h>

#include <algorithm>

namespace parley {
namespace {

Result<std::int64_t> countOf(ViewReader& views, const Event& message, bool wanted,
                             ReplayFold& fold) {
    if (!wanted) return std::int64_t{0};
    const auto known = fold.messageCounts.find(message.conversationKey);
    if (known != fold.messageCounts.end()) return ++known->second;
    auto count = views.messageCountAt(message.conversationKey, message.seq);
    if (count) fold.messageCounts.emplace(message.conversationKey, *count);
    return count;
}

// A start is told with its first participants, whose joins follow it without a gap.
Result<std::vector<ProjectionUpdate>> started(EventReader& reader, const Event& start) {
    auto first = reader.firstOf(start.conversationKey,
                                static_cast<int>(limits::kInitialParticipantsMax) + 2);
    if (!first) return first.error();
    const auto end = std::find_if_not(first->begin() + 1, first->end(), belongsToStart);
    first->erase(end, first->end());
    ConversationState blank;
    return project(blank, std::move(*first));
}

Result<std::vector<ProjectionUpdate>> updatesOf(EventReader& reader, ViewReader& views, Event event,
                                                bool counts, ReplayFold& fold) {
    using Updates = std::vector<ProjectionUpdate>;
    switch (event.type) {
        case EventType::conversationStarted: return started(reader, event);
        case EventType::participantJoined:
        case EventType::participantLeft: {
            if (belongsToStart(event)) return Updates{};
            auto who = views.participantAt(event);
            if (!who) return who.error();
            if (event.type == EventType::participantJoined) {
                return Updates{ParticipantAdded{event.position, event.fingerprint,
                                                event.conversation, event.conversationKey, *who,
                                                event.at}};
            }
            return Updates{ParticipantRemoved{event.position, event.fingerprint, event.conversation,
                                              event.conversationKey, *who, event.at}};
        }
        case EventType::messageSent:
        case EventType::messageShared: {
            auto count = countOf(views, event, counts, fold);
            if (!count) return count.error();
            const auto at = event.at;
            return Updates{
                MessageAdded{std::make_shared<const Event>(std::move(event)), *count, at, at}};
        }
        case EventType::typingStarted:
        case EventType::typingStopped:
        case EventType::retentionApplied: break;  // nobody's news
    }
    return Updates{};
}

}  // namespace

Result<std::vector<ProjectionUpdate>> replayUpdates(EventReader& reader, ViewReader& views,
                                                    std::vector<Event> events, bool counts,
                                                    ReplayFold& fold) {
    std::vector<ProjectionUpdate> all;
    for (auto& event : events) {
        auto updates = updatesOf(reader, views, std::move(event), counts, fold);
        if (!updates) return updates.error();
        std::move(updates->begin(), updates->end(), std::back_inserter(all));
    }
    return all;
}

}  // namespace parley
