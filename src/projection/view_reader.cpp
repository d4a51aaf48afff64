#include <parley/core/json.h>
#include <parley/domain/membership/membership.h>
#include <parley/log/sql_lists.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/view_reader.h>

#include <array>
#include <cstring>
#include <vector>

namespace parley {
namespace {

const std::string kSelect =
    "SELECT c.conversation, k.id, c.created_at, c.is_active,"
    " c.message_count, c.last_message_seq, c.last_message_at, c.updated_at,"
    " c.customer_message_count, c.customer_last_message_seq, c.customer_last_message_at,"
    " c.customer_updated_at FROM conversation AS c JOIN conversation_key AS k ON k.key = "
    "c.conversation ";
const std::string kSelectParticipants =
    "SELECT u.id, p.user, p.role, p.joined_at, p.joined_position FROM participant AS p"
    " JOIN user_key AS u ON u.key = p.user WHERE p.conversation = ? AND p.left_at IS NULL ";

Participant participantOf(SQLite::Statement& row) {
    return {UserId::fromStored(row.getColumn(0).getString()), UserKey{row.getColumn(1).getInt64()},
            static_cast<UserRole>(row.getColumn(2).getInt()),
            UnixMillis{row.getColumn(3).getInt64()}};
}

// From the columns role, joined_at and joined_position.
Stay stayOf(SQLite::Statement& row) {
    return {static_cast<UserRole>(row.getColumn(0).getInt()),
            {row.getColumn(1).getInt64()},
            {row.getColumn(2).getInt64()}};
}

// From four columns of kSelect, the first of them given.
ConversationFigures figuresAt(SQLite::Statement& row, int first) {
    return {row.getColumn(first).getInt64(),
            {row.getColumn(first + 1).getInt64()},
            {row.getColumn(first + 2).getInt64()},
            {row.getColumn(first + 3).getInt64()}};
}

}  // namespace

ViewReader::ViewReader(Database& db)
    : db_(db),
      byId_(db.sqlite(), kSelect + "WHERE k.id = ?"),
      participants_(db.sqlite(), kSelectParticipants + "ORDER BY p.joined_position"),
      participantsAfter_(db.sqlite(), kSelectParticipants +
                                          "AND p.joined_position > ? ORDER BY p.joined_position"),
      lastSeq_(db.sqlite(), "SELECT coalesce(max(seq), 0) FROM event WHERE conversation = ?"),
      list_(db.sqlite(),
            kSelect + "WHERE c.conversation < ? ORDER BY c.conversation DESC LIMIT ? OFFSET ?"),
      content_(db.sqlite(), "SELECT content FROM event WHERE conversation = ? AND seq = 1"),
      stats_(db.sqlite(),
             "SELECT active_conversations, total_messages, active_users, queued_conversations"
             " FROM dashboard WHERE id = 1"),
      // One statement, one snapshot: what came since is taken off today's count.
      messageCountAt_(db.sqlite(),
                      "SELECT (SELECT message_count FROM conversation WHERE conversation = ?1) -"
                      " (SELECT count(*) FROM event WHERE conversation = ?1 AND seq > ?2"
                      "   AND type IN " +
                          sqlTypes(EventKind::message) + ")"),
      participant_(db.sqlite(),
                   "SELECT role, joined_at, joined_position FROM participant"
                   " WHERE conversation = ? AND user = ?"),
      membership_(db.sqlite(),
                  "SELECT type, at, role, position FROM event WHERE conversation = ? AND seq <= ?"
                  " AND actor = ? AND type IN " +
                      sqlTypes(EventKind::membership) + " ORDER BY seq DESC"),
      hidden_(db.sqlite(),
              "SELECT message_count, last_seq, last_at FROM hidden_by_author"
              " WHERE conversation = ? AND user = ?"),
      share_(db.sqlite(),
             "SELECT e.id FROM message_overlay AS o JOIN event AS e ON e.position ="
             " o.shared_position WHERE o.position = ?") {}

ConversationState ViewReader::stateOf(SQLite::Statement& row) {
    ConversationState state;
    state.key = {row.getColumn(0).getInt64()};
    state.id = ConversationId::fromStored(row.getColumn(1).getString());
    state.createdAt = {row.getColumn(2).getInt64()};
    state.isActive = row.getColumn(3).getInt() != 0;
    state.figures = figuresAt(row, 4);
    state.customerFigures = figuresAt(row, 8);

    const StatementReset participantsGuard(participants_);
    participants_.bind(1, state.key.value);
    while (participants_.executeStep()) {
        state.participants.add(participantOf(participants_));
    }

    const StatementReset lastSeqGuard(lastSeq_);
    lastSeq_.bind(1, state.key.value);
    if (lastSeq_.executeStep()) state.lastSeq = {lastSeq_.getColumn(0).getInt64()};
    return state;
}

HiddenMessages ViewReader::readHidden(ConversationKey conversation, UserKey author) {
    const StatementReset guard(hidden_);
    hidden_.bind(1, conversation.value);
    hidden_.bind(2, author.value);
    if (!hidden_.executeStep()) return {};
    return {hidden_.getColumn(0).getInt64(),
            {hidden_.getColumn(1).getInt64()},
            {hidden_.getColumn(2).getInt64()}};
}

Result<HiddenMessages> ViewReader::hiddenBy(ConversationKey conversation, UserKey author) {
    return db_.query([&] { return readHidden(conversation, author); });
}

ConversationRow ViewReader::rowOf(SQLite::Statement& row, const Viewer& viewer) {
    ConversationRow out{stateOf(row), {}, {}, {}};
    const bool owns = seesOwnHidden(out.state, viewer);
    out.figures = figuresFor(out.state, viewer,
                             owns ? readHidden(out.state.key, viewer.user()) : HiddenMessages{});
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

Result<std::optional<ConversationState>> ViewReader::conversation(const ConversationId& id) {
    return db_.query([&] {
        const StatementReset guard(byId_);
        byId_.bindNoCopy(1, id.str());
        return byId_.executeStep() ? std::optional(stateOf(byId_)) : std::nullopt;
    });
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
            const Position joined{participantsAfter_.getColumn(4).getInt64()};
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

Result<std::int64_t> ViewReader::messageCountAt(ConversationKey conversation, Seq seq) {
    return db_.query([&]() -> std::int64_t {
        const StatementReset guard(messageCountAt_);
        messageCountAt_.bind(1, conversation.value);
        messageCountAt_.bind(2, seq.value);
        return messageCountAt_.executeStep() ? messageCountAt_.getColumn(0).getInt64() : 0;
    });
}

Result<std::optional<Uuid>> ViewReader::firstShareOf(Position original) {
    return db_.query([&]() -> std::optional<Uuid> {
        const StatementReset guard(share_);
        share_.bind(1, original.value);
        if (!share_.executeStep()) return std::nullopt;
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), share_.getColumn(0).getBlob(), bytes.size());
        return Uuid(bytes);
    });
}

Result<Participant> ViewReader::participantAt(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    return db_.query([&] {
        Stay stay = afterJoin(std::nullopt, event);
        const StatementReset guard(participant_);
        participant_.bind(1, event.conversationKey.value);
        participant_.bind(2, event.actorKey.value);
        if (participant_.executeStep()) {
            const Stay last = stayOf(participant_);
            if (last.joinedPosition <= event.position) {
                stay = joins ? afterJoin(last, event) : last;
            } else if (const auto earlier = earlierStay(event)) {  // they have come back since
                stay = *earlier;
            }
        }
        return Participant{event.actor, event.actorKey, stay.role, stay.joinedAt};
    });
}

// Folds the joins since the last leave before the event: a stay begins with the first of them.
std::optional<Stay> ViewReader::earlierStay(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    const StatementReset guard(membership_);
    membership_.bind(1, event.conversationKey.value);
    membership_.bind(2, joins ? event.seq.value : event.seq.value - 1);
    membership_.bind(3, event.actorKey.value);
    std::vector<FoldableEvent> newestFirst;
    while (membership_.executeStep()) {
        FoldableEvent membership;
        membership.type = static_cast<EventType>(membership_.getColumn(0).getInt());
        if (membership.type == EventType::participantLeft) break;
        membership.at = {membership_.getColumn(1).getInt64()};
        membership.position = {membership_.getColumn(3).getInt64()};
        if (const auto role = membership_.getColumn(2); !role.isNull()) {
            membership.role = static_cast<UserRole>(role.getInt());
        }
        newestFirst.push_back(membership);
    }
    std::optional<Stay> stay;
    for (auto join = newestFirst.rbegin(); join != newestFirst.rend(); ++join) {
        stay = afterJoin(stay, *join);
    }
    return stay;
}

}  // namespace parley
