#include "projection/participant_row.h"
#include "projection/start_texts.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/projection/view_reader.h>

namespace parley {
ViewReader::ViewReader(Database& db, ConversationSeqs& seqs, PastEvents& events)
    : db_(db),
      events_(events),
      rows_(db, seqs),
      byId_(db.sqlite(), ConversationRows::select() + "WHERE k.id = ?"),
      participantsAfter_(db.sqlite(), selectParticipants() +
                                          "AND p.joined_position > ? ORDER BY p.joined_position"),
      stats_(db.sqlite(),
             "SELECT active_conversations, total_messages, active_users, queued_conversations"
             " FROM dashboard WHERE id = 1") {}

Result<ConversationRow> ViewReader::rowOf(SQLite::Statement& row, const Viewer& viewer) {
    ConversationRow out;
    PARLEY_TRY_ASSIGN(out.state, rows_.stateOf(row));
    const bool owns = seesOwnHidden(out.state, viewer);
    out.figures = figuresFor(
        out.state, viewer, owns ? rows_.hiddenBy(out.state.key, viewer.user()) : HiddenMessages{});
    setStartTexts(out, events_.startContent(out.state.key));
    out.waitingSince = ConversationRows::waitingSince(row);
    return out;
}

Result<std::optional<ConversationRow>> ViewReader::row(const ConversationId& id,
                                                       const Viewer& viewer) {
    return db_.query([&]() -> Result<std::optional<ConversationRow>> {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.str());
        if (!byId_.executeStep()) return std::optional<ConversationRow>();
        PARLEY_TRY_ASSIGN(auto row, rowOf(byId_, viewer));
        return std::optional(std::move(row));
    });
}

Result<PageEnd> ViewReader::participants(
    ConversationKey conversation, const Viewer& viewer, Position after,
    const std::function<bool(const Participant&, Position)>& take) {
    return db_.query([&] {
        const StatementReset guard(participantsAfter_);
        bindNumbers(participantsAfter_, conversation.value, after.value);
        while (participantsAfter_.executeStep()) {
            const Position joined = joinedPositionOf(participantsAfter_);
            const Participant participant = participantOf(participantsAfter_);
            if (!sees(viewer, participant)) continue;
            if (!take(participant, joined)) return PageEnd::refused;
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
