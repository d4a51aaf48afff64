#include <parley/core/try.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/state_reader.h>

namespace parley {

StateReader::StateReader(Database& db, ConversationSeqs& seqs)
    : db_(db), rows_(db, seqs), byId_(db.sqlite(), ConversationRows::select() + "WHERE k.id = ?") {}

Result<HiddenMessages> StateReader::hiddenBy(ConversationKey conversation, UserKey author) {
    return db_.query([&] { return rows_.hiddenBy(conversation, author); });
}

Result<std::optional<ConversationState>> StateReader::conversation(const ConversationId& id) {
    return db_.query([&]() -> Result<std::optional<ConversationState>> {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.str());
        if (!byId_.executeStep()) return std::optional<ConversationState>();
        PARLEY_TRY_ASSIGN(auto state, rows_.stateOf(byId_));
        return std::optional(std::move(state));
    });
}

}  // namespace parley
