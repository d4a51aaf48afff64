#include "engine/writer.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>

/// The writer's share in retention: when a slice may run, and its transaction.
namespace parley {
namespace {

// Under load the writer is never quiet: a slice that has waited so long runs all the same, a
// small one, or retention would never come.
constexpr std::chrono::milliseconds kWaitForQuiet{1000};

}  // namespace

void Writer::retain(bool quiet) {
    const auto due = retention_.nextDue();
    if (!due || dead_) return;
    const auto now = clock_.monotonic();
    if (now < upkeepFrom()) return;
    if (now < *due || (!quiet && now < *due + kWaitForQuiet)) return;
    applyRetention(quiet ? limits::kRetentionEventsMax : limits::kRetentionEventsBusyMax);
}

// The emptying and the event that tells of it are one transaction: neither is ever there alone.
void Writer::applyRetention(int eventsMax) {
    storageError_.reset();
    inTransaction_ = false;
    appendedInBatch_ = 0;
    auto done = ensureTransaction();
    if (done) done = retentionSlice(eventsMax);
    if (done) done = commit();
    if (done) {
        log_->committed();
        witness_.note({log_->head().position, log_->head().hash});
        retention_.committed();
        eventsAppended_.fetch_add(appendedInBatch_, std::memory_order_relaxed);
        typingEmptied_.store(retention_.emptied(), std::memory_order_relaxed);
        head_.store(log_->head().position.value, std::memory_order_relaxed);
        return;
    }
    db_.rollback();
    log_->rolledBack();
    retention_.rolledBack();
    logger().warn("retention_failed error=\"{}\"", done.error().message);
    if (db_.mustStop()) die(done.error());
}

// For the number of its next event.
Result<ConversationState> Writer::systemConversation(const ConversationId& id) {
    ConversationState state;
    PARLEY_TRY_ASSIGN(const auto key, log_->find(id));
    if (!key) return state;
    PARLEY_TRY_ASSIGN(state.lastSeq, seqs_.last(*key));
    return state;
}

Result<void> Writer::retentionSlice(int eventsMax) {
    auto event = retention_.emptyChunk(eventsMax);
    if (!event) return event.error();
    if (!*event) return {};
    std::vector<Event> events{std::move(**event)};
    PARLEY_TRY_ASSIGN(const auto state, systemConversation(events.front().conversation));
    number(state, events);
    if (auto appended = log_->append(events); !appended) return appended;
    appendedInBatch_ = events.size();
    return {};
}

}  // namespace parley
