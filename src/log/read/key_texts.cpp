#include <parley/log/execute.h>
#include <parley/log/read/key_texts.h>

namespace parley {
namespace {

template <typename Key>
Result<void> texts(Database& db, const char* sql, Key after, Key upTo,
                   const TakeKeyText<Key>& take) {
    return db.run([&] {
        SQLite::Statement row(db.sqlite(), sql);
        bindNumbers(row, after.value, upTo.value);
        while (row.executeStep()) {
            const auto id = row.getColumn(1);
            take({row.getColumn(0).getInt64()},
                 {static_cast<const char*>(id.getBlob()), static_cast<std::size_t>(id.getBytes())});
        }
    });
}

}  // namespace

Result<void> conversationTexts(Database& db, ConversationKey after, ConversationKey upTo,
                               const TakeKeyText<ConversationKey>& take) {
    return texts(db, "SELECT key, id FROM conversation_key WHERE key > ? AND key <= ? ORDER BY key",
                 after, upTo, take);
}

Result<void> userTexts(Database& db, UserKey after, UserKey upTo,
                       const TakeKeyText<UserKey>& take) {
    return texts(db, "SELECT key, id FROM user_key WHERE key > ? AND key <= ? ORDER BY key", after,
                 upTo, take);
}

}  // namespace parley
