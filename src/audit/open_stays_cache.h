#pragma once

#include "audit/open_stays.h"

#include <parley/log/database.h>

#include <unordered_map>

namespace parley::audit {

/// The open stays of the conversations that had events lately, in memory; those of others are read
/// from the tables. The thread of its connection. SQLite's exceptions pass through: call inside
/// Database::run.
class OpenStaysCache {
public:
    /// REQUIRES: `db` has the schema's tables and outlives this.
    explicit OpenStaysCache(SQLite::Database& db);

    /// Call before each chunk. `known`: conversations above it have no rows in the tables yet.
    void beginChunk(ConversationKey known);
    /// Those of one conversation, as of the last event that was applied to it. The reference lives
    /// until `beginChunk` or `forget`.
    OpenStays& of(ConversationKey conversation);
    /// Forgets them all, because a transaction was rolled back.
    void forget() { cached_.clear(); }

private:
    OpenStays read(ConversationKey conversation);

    std::unordered_map<ConversationKey, OpenStays> cached_;
    ConversationKey known_;
    SQLite::Statement stays_;
};

}  // namespace parley::audit
