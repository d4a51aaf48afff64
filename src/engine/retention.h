#pragma once

#include <parley/core/clock.h>
#include <parley/domain/conversation_state.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// Empties `data` of typing events that are older than `retention.typing`, a slice at a time, in
/// the writer's transactions: the rows, their hashes and positions stay, the commitment of what
/// was there takes its place (docs/format/event-log.md). Walks the log by position, so that no
/// index is needed to find them. The writer's thread only.
class Retention {
public:
    /// `keep` 0: for ever, and nothing here ever does anything.
    Retention(std::chrono::milliseconds keep, Database& db, const Clock& clock);

    /// When the next slice is due, on the monotonic clock; nothing: never.
    std::optional<std::chrono::milliseconds> nextDue() const;

    /// Empties up to `eventsMax` events, inside the writer's open transaction, and returns the
    /// retention_applied event that says so, to be appended in the same one; nothing where no
    /// event was emptied. `committed` or `rolledBack` must follow.
    Result<std::optional<Event>> slice(int eventsMax);
    /// The state of the system conversation, for the number of its next event.
    Result<ConversationState> systemConversation();
    void committed();
    void rolledBack();

    std::uint64_t emptied() const { return emptied_; }

private:
    struct Found {
        Position through;  // how far the walk came
        bool reachedTheYoung = false;
        std::vector<std::pair<Position, Digest>> events;
    };
    Result<void> load();
    Found find(UnixMillis before, int eventsMax);
    void empty(const Found& found);

    const std::chrono::milliseconds keep_;
    Database& db_;
    const Clock& clock_;
    HashChain chain_;
    std::chrono::milliseconds due_{0};
    bool loaded_ = false;
    Position walked_;
    std::uint64_t emptied_ = 0;
    Found slice_;  // the one in work
};

}  // namespace parley
