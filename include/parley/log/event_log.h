#pragma once

#include <parley/core/random.h>
#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>
#include <parley/log/interner.h>
#include <parley/log/log_head.h>
#include <parley/log/read/stored_event.h>

#include <optional>
#include <span>

namespace parley {

/// The append side of the event log. Lives on the writer's thread; every append happens inside
/// a transaction of `Database` that the caller opens and commits. Nothing is durable before that
/// commit: until then `head` runs ahead of what a reader sees. docs/format/event-log.md has the
/// columns and the hashes.
class EventLog {
public:
    /// Reads the head, and prepares what appending needs. Refuses as Database::run does.
    /// REQUIRES: `db` is migrated, and the only writer. `random` makes salts; both outlive the log.
    static Result<std::unique_ptr<EventLog>> open(Database& db, Random& random);

    /// The last event, including those of the open transaction; position 0: the log is empty.
    const LogHead& head() const { return head_; }

    /// The last event that was committed.
    const LogHead& committedHead() const { return committedHead_; }

    /// Appends the events in order and gives each its position, its hash and its fingerprint.
    /// REQUIRES: a transaction is open; seq, id, at (not before head().at) and what the event says
    /// are set. A key that is 0 is looked up, or given now; another one must be the number that
    /// this log gave its text. After an error some of the events may be in the transaction: it can
    /// only be rolled back, and `events` are not to be used. Costs one INSERT and two SHA-256 an
    /// event.
    Result<void> append(std::span<Event> events);

    /// Gives an event that was not stored here its keys, as `append` would. In the transaction that
    /// stores it. Refuses as Database::run does.
    Result<void> intern(Event& event);
    /// Appends an event of another log as it is stored there: with its position, salt, commitment
    /// and hash. REQUIRES: a transaction is open, `intern` has given the keys, and a ChainCheck
    /// that has seen this log found nothing wrong with it. After an error the transaction can only
    /// be rolled back.
    Result<void> restore(const StoredEvent& stored);

    /// Commits a transaction that changes nothing, to find out whether the disk has room again:
    /// writes a page and syncs it, as any commit. Refuses as Database::commit does, rolled back.
    /// REQUIRES: no transaction is open.
    Result<void> tryCommit();

    /// Call after a rollback: goes back to the last committed head, and forgets the numbers of
    /// texts, as some of them may be gone.
    void rolledBack();
    /// Call after a commit.
    void committed() { committedHead_ = head_; }

    /// The number of a text, from memory where it is known; nothing where it has none yet. Sees
    /// what the open transaction has given. Refuses as Database::run does.
    Result<std::optional<ConversationKey>> find(const ConversationId& conversation);
    Result<std::optional<UserKey>> find(const UserId& user);

private:
    EventLog(Database& db, Random& random, const LogHead& head);
    void insert(Event& event);
    void giveKeys(Event& event);

    Database& db_;
    Random& random_;
    LogHead head_;
    LogHead committedHead_;
    HashChain chain_;
    ConversationInterner conversations_;
    UserInterner users_;
    SQLite::Statement insert_;
    std::optional<SQLite::Statement> restore_;  // once it is asked for
};

}  // namespace parley
