#include <parley/core/try.h>
#include <parley/domain/event.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/relation_reader.h>

namespace parley {

RelationReader::RelationReader(Database& db)
    : db_(db),
      metadata_(db),
      stay_(db.sqlite(),
            "SELECT left_position, left_cause FROM participant"
            " WHERE conversation = ?1 AND user = ?2"),
      conversations_(db.sqlite(),
                     "SELECT conversation FROM participant WHERE user = ?1 ORDER BY conversation"),
      lastRole_(db.sqlite(),
                "SELECT role FROM participant WHERE user = ?1"
                " ORDER BY joined_position DESC LIMIT 1") {}

Result<Standing> RelationReader::of(ConversationKey conversation, UserKey user) {
    bool removed = false;
    auto standing = db_.query([&] {
        const StatementReset guard(stay_);
        stay_.bind(1, conversation.value);
        stay_.bind(2, user.value);
        if (!stay_.executeStep()) return Standing{};
        if (stay_.getColumn(0).isNull())
            return Standing{.relation = Relation::takesPart, .leftAt = {}};
        removed = stay_.getColumn(1).getString() == cause::kRemoved;
        return Standing{.relation = Relation::left, .leftAt = {stay_.getColumn(0).getInt64()}};
    });
    // A removal that does not say by whom is from a time without authentication.
    if (!standing || !removed) return standing;
    PARLEY_TRY_ASSIGN(const auto byAnother, metadata_.hasAny(standing->leftAt));
    if (byAnother) {
        *standing = Standing{.removed = true, .leftAt = {}};
    }
    return standing;
}

Result<std::vector<std::pair<ConversationKey, Standing>>> RelationReader::all(UserKey user) {
    PARLEY_TRY_ASSIGN(const auto conversations,
                      db_.query([&] { return numbersFrom(conversations_, user.value); }));
    std::vector<std::pair<ConversationKey, Standing>> found;
    for (const auto number : conversations) {
        const ConversationKey conversation{number};
        PARLEY_TRY_ASSIGN(auto standing, of(conversation, user));
        found.emplace_back(conversation, standing);
    }
    return found;
}

Result<std::optional<UserRole>> RelationReader::lastRole(UserKey user) {
    return db_.query([&]() -> std::optional<UserRole> {
        const auto role = numberFrom(lastRole_, user.value);
        return role ? std::optional(static_cast<UserRole>(*role)) : std::nullopt;
    });
}

}  // namespace parley
