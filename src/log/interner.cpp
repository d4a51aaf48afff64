#include <parley/log/interner.h>

namespace parley {

template <typename Id, typename Key>
Interner<Id, Key>::Interner(SQLite::Database& db, const std::string& table, std::size_t cacheMax)
    : select_(db, "SELECT key FROM " + table + " WHERE id = ?"),
      insert_(db, "INSERT INTO " + table + " (id) VALUES (?) RETURNING key"),
      cacheMax_(cacheMax) {}

template <typename Id, typename Key>
void Interner<Id, Key>::remember(const Id& id, Key key) {
    // Forgetting all now and then is simpler than an order of use, and a miss costs one look-up.
    if (cache_.size() >= cacheMax_) cache_.clear();
    cache_.emplace(id, key);
}

template <typename Id, typename Key>
std::optional<Key> Interner<Id, Key>::find(const Id& id) {
    if (const auto known = cache_.find(id); known != cache_.end()) return known->second;
    select_.reset();
    select_.bindNoCopy(1, id.str());
    std::optional<Key> key;
    if (select_.executeStep()) key = Key{select_.getColumn(0).getInt64()};
    select_.reset();
    if (key) remember(id, *key);
    return key;
}

template <typename Id, typename Key>
Key Interner<Id, Key>::intern(const Id& id) {
    if (const auto known = find(id)) return *known;
    insert_.reset();
    insert_.bindNoCopy(1, id.str());
    insert_.executeStep();
    const Key key{insert_.getColumn(0).getInt64()};
    insert_.reset();
    remember(id, key);
    return key;
}

template class Interner<ConversationId, ConversationKey>;
template class Interner<UserId, UserKey>;

}  // namespace parley
