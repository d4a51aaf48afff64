#include <parley/core/json.h>
#include <parley/log/sql_lists.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/view_reader.h>

#include <array>
#include <cstring>

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
                  "SELECT type, at, role FROM event WHERE conversation = ? AND seq <= ?"
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
    HiddenMessages hidden;
    const StatementReset guard(hidden_);
    hidden_.bind(1, conversation.value);
    hidden_.bind(2, author.value);
    if (hidden_.executeStep()) {
        hidden = {hidden_.getColumn(0).getInt64(),
                  {hidden_.getColumn(1).getInt64()},
                  {hidden_.getColumn(2).getInt64()}};
    }
    return hidden;
}

Result<HiddenMessages> ViewReader::hiddenBy(ConversationKey conversation, UserKey author) {
    HiddenMessages hidden;
    auto done = db_.run([&] { hidden = readHidden(conversation, author); });
    if (!done) return done.error();
    return hidden;
}

ConversationRow ViewReader::rowOf(SQLite::Statement& row, const Viewer& viewer) {
    ConversationRow out{stateOf(row), {}, {}, {}};
    const bool owns = seesOwnHidden(out.state, viewer);
    out.figures = figuresFor(out.state, viewer,
                             owns ? readHidden(out.state.key, viewer.user) : HiddenMessages{});
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
    std::optional<ConversationState> state;
    const StatementReset guard(byId_);
    auto done = db_.run([&] {
        byId_.bindNoCopy(1, id.str());
        if (byId_.executeStep()) state = stateOf(byId_);
    });
    if (!done) return done.error();
    return state;
}

Result<std::optional<ConversationRow>> ViewReader::row(const ConversationId& id,
                                                       const Viewer& viewer) {
    std::optional<ConversationRow> found;
    const StatementReset guard(byId_);
    auto done = db_.run([&] {
        byId_.bindNoCopy(1, id.str());
        if (byId_.executeStep()) found = rowOf(byId_, viewer);
    });
    if (!done) return done.error();
    return found;
}

Result<PageEnd> ViewReader::list(int limit, int offset, std::optional<ConversationKey> before,
                                 const Viewer& viewer,
                                 const std::function<bool(const ConversationRow&)>& take) {
    auto end = PageEnd::reached;
    const StatementReset guard(list_);
    auto done = db_.run([&] {
        list_.bind(1, before ? before->value : INT64_MAX);
        list_.bind(2, limit);
        list_.bind(3, offset);
        for (int taken = 0; end == PageEnd::reached && list_.executeStep();) {
            if (!take(rowOf(list_, viewer))) {
                end = PageEnd::refused;
            } else if (++taken == limit) {
                end = PageEnd::limit;
            }
        }
    });
    if (!done) return done.error();
    return end;
}

Result<PageEnd> ViewReader::participants(
    ConversationKey conversation, Position after,
    const std::function<bool(const Participant&, Position)>& take) {
    auto end = PageEnd::reached;
    const StatementReset guard(participantsAfter_);
    auto done = db_.run([&] {
        participantsAfter_.bind(1, conversation.value);
        participantsAfter_.bind(2, after.value);
        while (end == PageEnd::reached && participantsAfter_.executeStep()) {
            const Position joined{participantsAfter_.getColumn(4).getInt64()};
            if (!take(participantOf(participantsAfter_), joined)) end = PageEnd::refused;
        }
    });
    if (!done) return done.error();
    return end;
}

Result<DashboardStats> ViewReader::stats() {
    DashboardStats stats;
    const StatementReset guard(stats_);
    auto done = db_.run([&] {
        if (!stats_.executeStep()) return;  // nothing has happened yet
        stats = {stats_.getColumn(0).getInt64(), stats_.getColumn(1).getInt64(),
                 stats_.getColumn(2).getInt64(), stats_.getColumn(3).getInt64()};
    });
    if (!done) return done.error();
    return stats;
}

Result<std::int64_t> ViewReader::messageCountAt(ConversationKey conversation, Seq seq) {
    std::int64_t count = 0;
    const StatementReset guard(messageCountAt_);
    auto done = db_.run([&] {
        messageCountAt_.bind(1, conversation.value);
        messageCountAt_.bind(2, seq.value);
        if (messageCountAt_.executeStep()) count = messageCountAt_.getColumn(0).getInt64();
    });
    if (!done) return done.error();
    return count;
}

Result<std::optional<Uuid>> ViewReader::firstShareOf(Position original) {
    std::optional<Uuid> id;
    const StatementReset guard(share_);
    auto done = db_.run([&] {
        share_.bind(1, original.value);
        if (!share_.executeStep()) return;
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), share_.getColumn(0).getBlob(), bytes.size());
        id = Uuid(bytes);
    });
    if (!done) return done.error();
    return id;
}

Result<Participant> ViewReader::participantAt(const Event& event) {
    const bool joins = event.type == EventType::participantJoined;
    Participant participant{event.actor, event.actorKey, event.role.value_or(UserRole::customer),
                            event.at};
    const StatementReset guard(participant_);
    auto done = db_.run([&] {
        participant_.bind(1, event.conversationKey.value);
        participant_.bind(2, event.actorKey.value);
        if (!participant_.executeStep()) return;
        if (participant_.getColumn(2).getInt64() > event.position.value) {
            findEarlierStay(event, participant);  // they have come back since
            return;
        }
        participant.joinedAt = {participant_.getColumn(1).getInt64()};
        if (!joins) participant.role = static_cast<UserRole>(participant_.getColumn(0).getInt());
    });
    if (!done) return done.error();
    return participant;
}

// A stay begins with the first join after a leave; the joins within it change only the role.
void ViewReader::findEarlierStay(const Event& event, Participant& participant) {
    const bool joins = event.type == EventType::participantJoined;
    const StatementReset guard(membership_);
    membership_.bind(1, event.conversationKey.value);
    membership_.bind(2, joins ? event.seq.value : event.seq.value - 1);
    membership_.bind(3, event.actorKey.value);
    for (bool first = true; membership_.executeStep(); first = false) {
        const auto type = static_cast<EventType>(membership_.getColumn(0).getInt());
        if (type == EventType::participantLeft) return;
        participant.joinedAt = {membership_.getColumn(1).getInt64()};
        if (first && !membership_.getColumn(2).isNull()) {
            participant.role = static_cast<UserRole>(membership_.getColumn(2).getInt());
        }
    }
}

}  // namespace parley
