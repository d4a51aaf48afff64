#include <parley/core/try.h>
#include <parley/domain/event.h>
#include <parley/log/execute.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/relation_reader.h>

#include <optional>

namespace parley {

namespace {

struct Row {
    Part part;
    bool removal = false;
};

Row rowOf(SQLite::Statement& row) {
    Row read;
    read.part.conversation = {row.getColumn(0).getInt64()};
    read.part.role = static_cast<UserRole>(row.getColumn(1).getInt());
    read.part.standing = {.relation = Relation::takesPart, .leftAt = {}};
    if (row.getColumn(2).isNull()) return read;
    read.part.standing = {.relation = Relation::left, .leftAt = {row.getColumn(2).getInt64()}};
    read.removal = row.getColumn(3).getString() == cause::kRemoved;
    return read;
}

}  // namespace

RelationReader::RelationReader(Database& db)
    : db_(db),
      metadata_(db),
      stay_(db.sqlite(),
            "SELECT conversation, role, left_position, left_cause FROM participant"
            " WHERE conversation = ?1 AND user = ?2"),
      parts_(db.sqlite(),
             "SELECT conversation, role, left_position, left_cause FROM participant"
             " WHERE user = ?1 ORDER BY conversation") {}

// A removal that does not say by whom is from a time without authentication.
Result<Standing> RelationReader::standingOf(const Part& part, bool removal) {
    if (!removal) return part.standing;
    PARLEY_TRY_ASSIGN(const bool byAnother, metadata_.hasAny(part.standing.leftAt));
    return byAnother ? Standing{.removed = true, .leftAt = {}} : part.standing;
}

Result<Standing> RelationReader::of(ConversationKey conversation, UserKey user) {
    PARLEY_TRY_ASSIGN(const auto row, db_.query([&]() -> std::optional<Row> {
        const StatementReset guard(stay_);
        stay_.bind(1, conversation.value);
        stay_.bind(2, user.value);
        return stay_.executeStep() ? std::optional(rowOf(stay_)) : std::nullopt;
    }));
    return row ? standingOf(row->part, row->removal) : Standing{};
}

Result<std::vector<Part>> RelationReader::all(UserKey user) {
    PARLEY_TRY_ASSIGN(auto rows, db_.query([&] {
        const StatementReset guard(parts_);
        parts_.bind(1, user.value);
        std::vector<Row> read;
        while (parts_.executeStep()) read.push_back(rowOf(parts_));
        return read;
    }));
    std::vector<Part> parts;
    parts.reserve(rows.size());
    for (auto& row : rows) {
        PARLEY_TRY_ASSIGN(row.part.standing, standingOf(row.part, row.removal));
        parts.push_back(row.part);
    }
    return parts;
}

}  // namespace parley
