#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/stored_event.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace parley {

/// Which events of the log are asked for: those that all of it is true of.
struct LogFilter {
    std::optional<ConversationKey> conversation;
    std::optional<UserKey> actor;
    std::vector<EventType> types;  ///< one of these; empty: all
};

/// Which page of the events of a filter.
struct LogPageQuestion {
    LogFilter filter;
    /// The page begins at the event next to this position, without it: before it, newest first, or
    /// after it, oldest first.
    Position bound;
    bool forward = false;  ///< after it
    int limit = 1;         ///< events, at least 1
};

/// An event, with what shows whether it is the one that was written.
struct CheckedEvent {
    StoredEvent stored;
    Digest previousHash{};  ///< as the event before it has it; zeros before the first one
    Digest recomputed{};    ///< of its own row and previousHash
    std::string problem;    ///< as of ChainCheck::problemOf; empty: it is good
    std::optional<Position> previous;  ///< of the conversation's event before it
    std::optional<Position> next;      ///< and after it
};

/// Reads the log as it is stored, page by page, for those that the authorization table lets read
/// all of it: it asks no viewer. A page looks at kLookedAtMax events at most. Refuses as
/// Database::query does. One thread at a time; the caller holds the snapshot.
class LogPages {
public:
    static constexpr int kLookedAtMax = 10'000;

    /// REQUIRES: `db` has the log's tables, and outlives this as `seqs` does. Throws
    /// SQLite::Exception where the schema is damaged: call inside Database::query.
    LogPages(Database& db, ConversationSeqs& seqs);

    /// Takes an event of the page. False: the page has no room for it, nor for those that follow.
    using Take = std::function<bool(const StoredEvent&)>;
    /// Hands the events of a page to `take`, in the page's order, the first one whatever its size.
    /// Returns the bound of the next page, or nothing once the log has no more in that direction.
    /// The next page may be empty.
    Result<std::optional<Position>> read(const LogPageQuestion& question, const Take& take);

    /// An event, checked by itself: its own hash over its row and the hash before it. Nothing: the
    /// log has no event there.
    Result<std::optional<CheckedEvent>> at(Position position);

    /// The log's last position; 0: it is empty.
    Result<Position> head();

private:
    struct Found {
        std::vector<Position> positions;
        std::optional<Position> next;  // where not all was looked at
    };
    // These throw SQLite::Exception.
    Found find(SQLite::Statement& rows, const LogPageQuestion& question);
    Result<std::optional<StoredEvent>> eventAt(Position position);
    std::optional<Position> positionOf(ConversationKey conversation, std::int64_t seq);
    Result<SQLite::Statement> rowsOf(const LogPageQuestion& question);

    Database& db_;
    ConversationSeqs& seqs_;
    SQLite::Statement at_;
};

}  // namespace parley
