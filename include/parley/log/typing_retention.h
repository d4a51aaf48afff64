#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace parley {

/// Empties `data` of old typing events, the one change that the log ever sees: the rows, their
/// hashes and positions stay, the commitment of what was there takes its place
/// (docs/format/event-log.md). Walks the log by position, so that no index is needed to find them,
/// and remembers in the database how far it has come. docs/retention.md says what
/// remains. The writer's thread.
class TypingRetention {
public:
    /// REQUIRES: `db` has the log's tables and outlives this.
    explicit TypingRetention(Database& db) : db_(db) {}

    /// What one chunk of the walk came to.
    struct Chunk {
        Position after;             ///< where it began
        Position through;           ///< the last event it looked at
        std::size_t emptied = 0;    ///< events
        bool reachedYoung = false;  ///< what follows is too young, or there is nothing more
    };

    /// Empties up to `eventsMax` typing events from before `before`, where the last chunk ended,
    /// and looks at limits::kRetentionScanMax events at most. REQUIRES: a transaction is open;
    /// `committed` or `rolledBack` follows. After an error the transaction can only be rolled back.
    Result<Chunk> emptyNext(UnixMillis before, int eventsMax);
    /// Empties all typing events from where the last chunk ended to `through`, as another node has.
    /// REQUIRES: as emptyNext's.
    Result<Chunk> emptyThrough(Position through);
    /// Lets the walk begin after `through`, in a database that was made from events of another one:
    /// no typing up to there has anything left. REQUIRES: a transaction is open.
    static Result<void> continueAfter(Database& db, Position through);
    /// Call after the commit of the transaction: the next chunk begins where this one ended.
    void committed() { walked_ = through_; }
    /// Call after its rollback: the next chunk begins where this one did.
    void rolledBack() { through_ = walked_; }

private:
    using Commitments = std::vector<std::pair<Position, Digest>>;
    // These throw SQLite::Exception.
    void load();
    Commitments find(UnixMillis before, int eventsMax, Chunk& chunk);
    Commitments findThrough(Position through);
    void addCommitment(SQLite::Statement& row, Commitments& found);
    void empty(const Commitments& events);
    void remember(Position through);

    Database& db_;
    HashChain chain_;
    bool loaded_ = false;
    Position walked_;   // committed
    Position through_;  // in the open transaction
};

}  // namespace parley
