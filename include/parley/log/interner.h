#pragma once

#include <parley/core/ids.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>
#include <string>
#include <unordered_map>

namespace parley {

/// Gives each text of one id table its number, new ones included. Writer's thread, in its
/// transaction. A text keeps its number for as long as the database lives, and no committed
/// number is given to another one. Throws SQLite::Exception: call inside Database::run.
template <typename Id, typename Key>
class Interner {
public:
    /// `table`: "conversation_key" or "user_key". Remembers up to `cacheMax` pairs, then forgets
    /// them all. REQUIRES: `db` has the table and outlives this.
    Interner(SQLite::Database& db, const std::string& table, std::size_t cacheMax);

    /// The number of `id`, or nothing when it has none yet. A look into memory, else one into the
    /// table's index.
    std::optional<Key> find(const Id& id);
    /// The number of `id`, given now where it has none yet.
    Key intern(const Id& id);
    /// Forgets every pair. Call after a rollback: the numbers given meanwhile are gone.
    void forget() { cache_.clear(); }
    /// Pairs in memory now.
    std::size_t remembered() const { return cache_.size(); }

private:
    void remember(const Id& id, Key key);

    SQLite::Statement select_;
    SQLite::Statement insert_;
    std::unordered_map<Id, Key> cache_;
    std::size_t cacheMax_;
};

using ConversationInterner = Interner<ConversationId, ConversationKey>;
using UserInterner = Interner<UserId, UserKey>;

}  // namespace parley
