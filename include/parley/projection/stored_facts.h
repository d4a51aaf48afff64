#pragma once

#include <parley/domain/facts.h>
#include <parley/log/read/missed_events.h>
#include <parley/projection/past_reader.h>

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace parley {

/// The count of messages of each conversation, as of its last message that was read again.
using MessageCounts = std::unordered_map<ConversationKey, std::int64_t>;

/// Facts about events of the past, from the log and the views. Gives what the live facts gave when
/// the event was new, whatever has happened since: a test compares them. Its readers' thread only.
/// Refuses as its readers do.
class StoredFacts final : public Facts {
public:
    /// The readers outlive it. `counts` carries the counts from one chunk of the log to the next,
    /// which follows without a gap; null: nobody asks for counts, and each is 0. `counts` outlives
    /// it too. REQUIRES: the events come in the log's order, and each message of a conversation
    /// after the first one asked for is asked for once.
    StoredFacts(MissedEvents& events, PastReader& past, MessageCounts* counts)
        : events_(events), past_(past), counts_(counts) {}

    // As Facts says.
    Result<Participant> participant(const Event& event) override;
    Result<std::int64_t> messageCount(const Event& message) override;
    Result<bool> beginsWait(const Event& message) override;
    Result<std::vector<Event>> firstJoins(const Event& start) override;

private:
    MissedEvents& events_;
    PastReader& past_;
    MessageCounts* counts_;
};

}  // namespace parley
