#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/domain/lifecycle/lifecycle.h>
#include <parley/projection/stored_facts.h>

#include <algorithm>

namespace parley {

Result<Participant> StoredFacts::participant(const Event& event) {
    return views_.participantAt(event);
}

Result<std::int64_t> StoredFacts::messageCount(const Event& message) {
    if (!counts_) return std::int64_t{0};
    const auto known = counts_->find(message.conversationKey);
    if (known != counts_->end()) return ++known->second;
    PARLEY_TRY_ASSIGN(const auto count,
                      views_.messageCountAt(message.conversationKey, message.seq));
    counts_->emplace(message.conversationKey, count);
    return count;
}

Result<std::vector<Event>> StoredFacts::firstJoins(const Event& start) {
    PARLEY_TRY_ASSIGN(auto events,
                      events_.firstOf(start.conversationKey,
                                      static_cast<int>(limits::kInitialParticipantsMax) + 2));
    if (!events.empty()) events.erase(events.begin());  // the start itself
    events.erase(std::find_if_not(events.begin(), events.end(), belongsToStart), events.end());
    return events;
}

}  // namespace parley
