#include "engine/batch/appender.h"

#include <parley/core/try.h>
#include <parley/log/upcast.h>

#include <algorithm>
#include <utility>

namespace parley {
Appender::Appender(UnitMembers& members, const Parts& parts, const Clock& clock, Random& random)
    : UnitMember(members), parts_(parts), clock_(clock), uuids_(random) {
    uuids_.continueAfter(parts.log.head().id);
}

void Appender::number(const ConversationState& state, std::vector<Event>& events) {
    const UnixMillis at = std::max(clock_.now(), parts_.log.head().at);
    Seq seq = state.lastSeq;
    for (auto& event : events) {
        event.seq = {++seq.value};
        event.at = at;
        event.id = uuids_.next(at);
        event.conversationKey = state.key;
        if (const auto* known = state.find(event.actor)) event.actorKey = known->userKey;
    }
}

Result<std::vector<ProjectionUpdate>> Appender::append(ConversationState& state,
                                                       std::vector<Event> events, ConnectionId by) {
    PARLEY_TRY(parts_.unit.begin());
    auto stored = parts_.log.append(events);
    if (!stored) return parts_.unit.fail(stored.error());
    return fold(state, std::move(events), by);
}

Result<std::vector<ProjectionUpdate>> Appender::restore(ConversationState& state,
                                                        std::span<const StoredEvent> stored) {
    PARLEY_TRY(parts_.unit.begin());
    std::vector<Event> events;
    events.reserve(stored.size());
    for (const auto& one : stored) {
        auto event = restoreEvent(one);
        if (!event) return parts_.unit.fail(event.error());
        events.push_back(std::move(*event));
    }
    PARLEY_TRY(addToViews(events));
    parts_.joinViews.before(state, events);
    return project(state, std::move(events));
}

Result<Event> Appender::restoreEvent(const StoredEvent& stored) {
    PARLEY_TRY(parts_.log.restore(stored));
    PARLEY_TRY_ASSIGN(auto event, upcast(stored.event));
    event.fingerprint = fingerprintOf(stored.hash);
    uuids_.continueAfter(event.id);  // in case this node is the next to decide
    // The time-out of typing, should this node be the next to decide, counts from the last news.
    if (event.type == EventType::typingStarted) {
        const auto on = parts_.live.typing.connectionOf(event.conversation, event.actor);
        if (on) parts_.live.typing.started({event.conversation, event.actor, on});
    }
    return event;
}

Result<void> Appender::addToViews(const std::vector<Event>& events) {
    auto projected = parts_.db.run([&] {
        for (const auto& event : events) parts_.views.apply(event);
    });
    if (!projected) return parts_.unit.fail(projected.error());
    appended_ += events.size();
    for (const auto& event : events) ++byType_[static_cast<std::size_t>(event.type) - 1];
    return {};
}

// What is in the log goes into the views and into what the writer keeps in memory.
Result<std::vector<ProjectionUpdate>> Appender::fold(ConversationState& state,
                                                     std::vector<Event> events, ConnectionId by) {
    PARLEY_TRY(addToViews(events));
    const ConnectionId typedOn = typedElsewhere(state, events, by);
    PARLEY_TRY(noteEffects(state, events, by));
    parts_.joinViews.before(state, events);
    auto updates = project(state, std::move(events));
    if (typedOn) {
        for (auto& update : updates) {
            if (auto* typing = std::get_if<TypingChanged>(&update)) typing->typedOn = typedOn;
        }
    }
    return updates;
}

// The connection whose typing this ends, where that is not its own doing: a message in its user's
// name, a removal. Then the connection that asked is to see that the typing ended. 0: it is its
// own.
ConnectionId Appender::typedElsewhere(const ConversationState& state,
                                      const std::vector<Event>& events, ConnectionId by) const {
    for (const auto& event : events) {
        if (event.type != EventType::typingStopped || event.cause.empty()) continue;
        const auto* identity = parts_.live.connections.find(by, state.key);
        if (!identity || identity->user != event.actor) {
            return parts_.live.typing.connectionOf(event.conversation, event.actor);
        }
    }
    return {};
}

// What events mean to the connections that are there.
Result<void> Appender::noteEffects(const ConversationState&, const std::vector<Event>& events,
                                   ConnectionId by) {
    for (const auto& event : events) {
        if (event.type == EventType::typingStarted) {
            parts_.live.typing.started({event.conversation, event.actor, by});
        } else if (event.type == EventType::typingStopped) {
            parts_.live.typing.stopped(event.conversation, event.actor);
        } else if (isMembership(event.type)) {  // told to the room without its sender
            PARLEY_TRY(parts_.sessions.noteOwn(by, event));
        }
    }
    return {};
}

void Appender::committed() {
    if (appended_ == 0) return;
    perUnit_.observe(appended_);
    appendedInAll_.fetch_add(std::exchange(appended_, 0), std::memory_order_relaxed);
    for (std::size_t i = 0; i < byType_.size(); ++i) {
        if (byType_[i] > 0) byTypeInAll_[i].fetch_add(byType_[i], std::memory_order_relaxed);
    }
    byType_ = {};
}

void Appender::addTo(EngineCounters& counters) const {
    counters.eventsAppended = appended();
    for (std::size_t i = 0; i < byTypeInAll_.size(); ++i) {
        counters.eventsByType[i] = byTypeInAll_[i].load(std::memory_order_relaxed);
    }
    counters.batchEvents = perUnit_.values();
}

}  // namespace parley
