#include <parley/core/try.h>
#include <parley/projection/stored_facts.h>

namespace parley {

Result<Participant> StoredFacts::participant(const Event& event) {
    return past_.participantAt(event);
}

Result<std::int64_t> StoredFacts::messageCount(const Event& message) {
    if (!counts_) return std::int64_t{0};
    const auto known = counts_->find(message.conversationKey);
    if (known != counts_->end()) return ++known->second;
    PARLEY_TRY_ASSIGN(const auto count, past_.messageCountAt(message.conversationKey, message.seq));
    counts_->emplace(message.conversationKey, count);
    return count;
}

Result<bool> StoredFacts::beginsWait(const Event& message) {
    if (!counts_) return false;  // only dashboards are told
    return past_.beginsWait(message);
}

Result<std::vector<Event>> StoredFacts::firstJoins(const Event& start) {
    PARLEY_TRY_ASSIGN(auto events, events_.startOf(start.conversationKey, Viewer()));
    if (!events.empty()) events.erase(events.begin());  // the start itself
    return events;
}

}  // namespace parley
