#include "projection/participant_row.h"
#include "projection/start_texts.h"

#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/projection/view_reader.h>

namespace parley {
namespace {

std::string jsonOf(const std::vector<ConversationId>& conversations) {
    std::string out;
    JsonWriter json(out);
    json.beginArray();
    for (const auto& one : conversations) json.value(one);
    json.endArray();
    return out;
}

}  // namespace

ViewReader::ViewReader(Database& db, ConversationSeqs& seqs, PastEvents& events)
    : db_(db),
      events_(events),
      rows_(db, seqs),
      byId_(db.sqlite(), ConversationRows::select() + "WHERE k.id = ?"),
      participantsAfter_(db.sqlite(), selectParticipants() +
                                          "AND p.joined_position > ? ORDER BY p.joined_position"),
      list_(db.sqlite(), ConversationRows::select() +
                             "WHERE c.conversation < ? ORDER BY c.conversation DESC"
                             " LIMIT ? OFFSET ?"),
      ownList_(db.sqlite(), ConversationRows::select() +
                                "WHERE c.conversation IN (SELECT conversation FROM participant"
                                " WHERE user = ?4 AND left_at IS NULL AND conversation < ?1)"
                                " AND (?5 IS NULL OR k.id IN (SELECT value FROM json_each(?5)))"
                                " ORDER BY c.conversation DESC LIMIT ?2 OFFSET ?3"),
      onlyList_(db.sqlite(), ConversationRows::select() +
                                 "WHERE k.id IN (SELECT value FROM json_each(?4))"
                                 " AND c.conversation < ?1"
                                 " ORDER BY c.conversation DESC LIMIT ?2 OFFSET ?3"),
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

Result<PageEnd> ViewReader::list(int limit, int offset, std::optional<ConversationKey> before,
                                 const ListedConversations& listed, const Viewer& viewer,
                                 const std::function<bool(const ConversationRow&)>& take) {
    auto& rows = listed.of ? ownList_ : listed.only ? onlyList_ : list_;
    return db_.query([&]() -> Result<PageEnd> {
        const StatementReset guard(rows);
        bindNumbers(rows, before ? before->value : INT64_MAX, limit, offset);
        if (listed.of) rows.bind(4, listed.of->value);
        if (listed.of) rows.bind(5);
        if (listed.only) rows.bind(listed.of ? 5 : 4, jsonOf(*listed.only));
        auto end = PageEnd::reached;
        for (int taken = 0; end == PageEnd::reached && rows.executeStep();) {
            PARLEY_TRY_ASSIGN(const auto row, rowOf(rows, viewer));
            if (!take(row)) {
                end = PageEnd::refused;
            } else if (++taken == limit) {
                end = PageEnd::limit;
            }
        }
        return end;
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
