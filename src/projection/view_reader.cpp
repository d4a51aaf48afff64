#include "projection/participant_row.h"

#include <parley/core/json.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/view_reader.h>

namespace parley {

ViewReader::ViewReader(Database& db)
    : db_(db),
      rows_(db),
      byId_(db.sqlite(), ConversationRows::select() + "WHERE k.id = ?"),
      participantsAfter_(db.sqlite(), selectParticipants() +
                                          "AND p.joined_position > ? ORDER BY p.joined_position"),
      list_(db.sqlite(), ConversationRows::select() +
                             "WHERE c.conversation < ? ORDER BY c.conversation DESC"
                             " LIMIT ? OFFSET ?"),
      content_(db.sqlite(), "SELECT content FROM event WHERE conversation = ? AND seq = 1"),
      stats_(db.sqlite(),
             "SELECT active_conversations, total_messages, active_users, queued_conversations"
             " FROM dashboard WHERE id = 1") {}

ConversationRow ViewReader::rowOf(SQLite::Statement& row, const Viewer& viewer) {
    ConversationRow out{rows_.stateOf(row), {}, {}, {}};
    const bool owns = seesOwnHidden(out.state, viewer);
    out.figures = figuresFor(
        out.state, viewer, owns ? rows_.hiddenBy(out.state.key, viewer.user()) : HiddenMessages{});
    const StatementReset guard(content_);
    content_.bind(1, out.state.key.value);
    if (content_.executeStep() && !content_.getColumn(0).isNull()) {
        if (const auto text = parseJson(content_.getColumn(0).getString())) {
            if (text->contains("title")) out.title = text->at("title").get<std::string>();
            if (text->contains("description")) {
                out.description = text->at("description").get<std::string>();
            }
        }
    }
    return out;
}

Result<std::optional<ConversationRow>> ViewReader::row(const ConversationId& id,
                                                       const Viewer& viewer) {
    return db_.query([&] {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.str());
        return byId_.executeStep() ? std::optional(rowOf(byId_, viewer)) : std::nullopt;
    });
}

Result<PageEnd> ViewReader::list(int limit, int offset, std::optional<ConversationKey> before,
                                 const Viewer& viewer,
                                 const std::function<bool(const ConversationRow&)>& take) {
    return db_.query([&] {
        const StatementReset guard(list_);
        list_.bind(1, before ? before->value : INT64_MAX);
        list_.bind(2, limit);
        list_.bind(3, offset);
        auto end = PageEnd::reached;
        for (int taken = 0; end == PageEnd::reached && list_.executeStep();) {
            if (!take(rowOf(list_, viewer))) {
                end = PageEnd::refused;
            } else if (++taken == limit) {
                end = PageEnd::limit;
            }
        }
        return end;
    });
}

Result<PageEnd> ViewReader::participants(
    ConversationKey conversation, const Viewer& /*sees all*/, Position after,
    const std::function<bool(const Participant&, Position)>& take) {
    return db_.query([&] {
        const StatementReset guard(participantsAfter_);
        participantsAfter_.bind(1, conversation.value);
        participantsAfter_.bind(2, after.value);
        while (participantsAfter_.executeStep()) {
            const Position joined = joinedPositionOf(participantsAfter_);
            if (!take(participantOf(participantsAfter_), joined)) return PageEnd::refused;
        }
        return PageEnd::reached;
    });
}

Result<DashboardStats> ViewReader::stats(const Viewer& /*sees all*/) {
    return db_.query([&]() -> DashboardStats {
        const StatementReset guard(stats_);
        if (!stats_.executeStep()) return {};  // nothing has happened yet
        return {stats_.getColumn(0).getInt64(), stats_.getColumn(1).getInt64(),
                stats_.getColumn(2).getInt64(), stats_.getColumn(3).getInt64()};
    });
}

}  // namespace parley
