#include <parley/log/read/key_lookup.h>
#include <parley/log/statement_reset.h>

namespace parley {
namespace {

template <typename Key, typename Id>
Result<std::optional<Key>> findIn(Database& db, SQLite::Statement& select, const Id& id) {
    return db.query([&]() -> std::optional<Key> {
        const StatementReset guard(select);
        select.bindNoCopy(1, id.str());
        if (!select.executeStep()) return std::nullopt;
        return Key{select.getColumn(0).getInt64()};
    });
}

}  // namespace

KeyLookup::KeyLookup(Database& db)
    : db_(db),
      conversation_(db.sqlite(), "SELECT key FROM conversation_key WHERE id = ?"),
      user_(db.sqlite(), "SELECT key FROM user_key WHERE id = ?") {}

Result<std::optional<ConversationKey>> KeyLookup::find(const ConversationId& id) {
    return findIn<ConversationKey>(db_, conversation_, id);
}

Result<std::optional<UserKey>> KeyLookup::find(const UserId& id) {
    return findIn<UserKey>(db_, user_, id);
}

}  // namespace parley
