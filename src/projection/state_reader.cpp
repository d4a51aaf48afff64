#include <parley/log/statement_reset.h>
#include <parley/projection/state_reader.h>

namespace parley {

StateReader::StateReader(Database& db)
    : db_(db), rows_(db), byId_(db.sqlite(), ConversationRows::select() + "WHERE k.id = ?") {}

Result<HiddenMessages> StateReader::hiddenBy(ConversationKey conversation, UserKey author) {
    return db_.query([&] { return rows_.hiddenBy(conversation, author); });
}

Result<std::optional<ConversationState>> StateReader::conversation(const ConversationId& id) {
    return db_.query([&] {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.str());
        return byId_.executeStep() ? std::optional(rows_.stateOf(byId_)) : std::nullopt;
    });
}

}  // namespace parley
