#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/stored_event.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace parley {

/// The ids of the numbers that came up lately: most events are of few of them, and a look into a
/// table costs more than the rest of a row. `Id`: ConversationId or UserId. One thread.
template <typename Id>
class KnownIds {
public:
    /// `table`: its columns are `key` and `id`. REQUIRES: as LogWalk's. Throws like that.
    KnownIds(SQLite::Database& db, const std::string& table);
    /// Null where no id has the number. Valid until the next call. Throws SQLite::Exception.
    const Id* of(std::int64_t key);
    void forget() { known_.clear(); }

private:
    static constexpr std::size_t kKept = 65'536;

    std::unordered_map<std::int64_t, Id> known_;
    SQLite::Statement id_;
};

/// Walks over the whole log, chunk by chunk, for what the server itself does with all of it:
/// verification, rebuilding, dumps. Never for a client: it asks no viewer. One thread at a time.
/// Each call is a read transaction of its own. A type that this program does not know is an error,
/// never skipped; old payload versions are handed out as they are.
class LogWalk {
public:
    /// REQUIRES: `db` has the log's tables and outlives the walk. Throws SQLite::Exception where
    /// the schema is damaged: call inside Database::run, or use `open`.
    explicit LogWalk(Database& db);
    /// The same, with SQLite's exceptions turned into errors.
    static Result<std::unique_ptr<LogWalk>> open(Database& db);

    /// Up to `limit` events after position `after`, in order, whatever they weigh.
    Result<std::vector<StoredEvent>> read(Position after, int limit);
    /// The next chunk after `after`: at most limits::kWalkEvents events and limits::kWalkBytes of
    /// payload, but one event at least; empty at the log's end. Beside a server, call
    /// pauseBetweenReads between two chunks.
    Result<std::vector<StoredEvent>> nextChunk(Position after);
    /// The same, written over `events`, whose memory is used again. After an error `events` holds
    /// nothing of use.
    Result<void> nextChunk(Position after, std::vector<StoredEvent>& events);
    /// Forgets the ids that it has read. Call it where a transaction that it has read in may have
    /// been rolled back: their numbers can stand for other ids then.
    void forgetIds() {
        conversations_.forget();
        users_.forget();
    }
    /// The last event's position now; 0: the log is empty.
    Result<Position> head();

private:
    Result<void> chunk(Position after, int limit, std::size_t bytesMax,
                       std::vector<StoredEvent>& events);
    bool readIds(Event& event);

    Database& db_;
    SQLite::Statement after_;
    SQLite::Statement head_;
    KnownIds<ConversationId> conversations_;
    KnownIds<UserId> users_;
};

/// Leaves the writer a moment without this reader: the WAL can start again from its beginning only
/// while nobody reads an older snapshot, and short reads back to back leave no such moment. Sleeps
/// limits::kBetweenReads. REQUIRES: the caller holds no snapshot. Any thread but a server's loop or
/// writer.
void pauseBetweenReads();

}  // namespace parley
