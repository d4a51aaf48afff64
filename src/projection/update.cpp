#include <parley/core/check.h>
#include <parley/core/try.h>
#include <parley/projection/update.h>

#include <span>

namespace parley {
namespace {

/// Facts about the event that was folded into a state last.
class LiveFacts final : public Facts {
public:
    LiveFacts(ConversationState& state, std::span<const Event> events)
        : state_(state), events_(events) {}

    void foldNext() {
        const Event& event = events_[folded_++];
        if (event.type == EventType::participantLeft) before_ = participantIn(event);
        evolve(state_, event);
    }

    Result<Participant> participant(const Event& event) override {
        if (event.type == EventType::participantLeft) return *before_;
        return participantIn(event);
    }

    Result<std::int64_t> messageCount(const Event&) override { return state_.figures.messageCount; }

    Result<bool> beginsWait(const Event& message) override {
        return state_.waiting && state_.waiting->position == message.position;
    }

    Result<std::vector<Event>> firstJoins(const Event&) override {
        std::vector<Event> joins;
        for (auto i = folded_; i < events_.size() && belongsToStart(events_[i]); ++i) {
            joins.push_back(events_[i]);
        }
        return joins;
    }

private:
    Participant participantIn(const Event& event) const {
        if (const auto* known = state_.find(event.actor)) return *known;
        return {event.actor, event.actorKey, event.role.value_or(UserRole::customer), event.at};
    }

    ConversationState& state_;
    std::span<const Event> events_;
    std::size_t folded_ = 0;
    std::optional<Participant> before_;  // the participant that the last leave took out
};

template <typename Update>
void append(std::vector<ProjectionUpdate>& updates, Update&& update) {
    updates.emplace_back(std::forward<Update>(update));
}
template <typename Update>
void append(std::vector<ProjectionUpdate>& updates, std::optional<Update>&& update) {
    if (update) updates.emplace_back(std::move(*update));
}
void append(std::vector<ProjectionUpdate>&, variant_of::None&&) {}

}  // namespace

Result<void> updatesOf(Event&& event, Facts& facts, std::vector<ProjectionUpdate>& updates) {
    return withType(event.type, [&](auto type) -> Result<void> {
        PARLEY_TRY_ASSIGN(auto update, updateOf(type, std::move(event), facts));
        append(updates, std::move(update));
        return {};
    });
}

std::vector<ProjectionUpdate> project(ConversationState& state, std::vector<Event> events) {
    std::vector<ProjectionUpdate> updates;
    LiveFacts facts(state, events);
    for (auto& event : events) {
        facts.foldNext();
        PARLEY_CHECK(updatesOf(std::move(event), facts, updates).ok());
    }
    return updates;
}

}  // namespace parley
