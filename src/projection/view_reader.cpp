#include <parley/projection/view_reader.h>

#include <parley/core/json.h>

namespace parley {
namespace {

const std::string kSelect =
    "SELECT c.conversation, k.id, c.created_at, c.updated_at, c.last_message_at, c.message_count,"
    " c.is_active FROM conversation AS c JOIN conversation_key AS k ON k.key = c.conversation ";

}  // namespace

ViewReader::ViewReader(Database& db)
    : db_(db),
      byId_(db.sqlite(), kSelect + "WHERE k.id = ?"),
      participants_(db.sqlite(),
                    "SELECT u.id, p.user, p.role, p.joined_at FROM participant AS p"
                    " JOIN user_key AS u ON u.key = p.user"
                    " WHERE p.conversation = ? AND p.left_at IS NULL ORDER BY p.joined_position"),
      lastSeq_(db.sqlite(), "SELECT coalesce(max(seq), 0) FROM event WHERE conversation = ?"),
      list_(db.sqlite(), kSelect + "ORDER BY c.conversation DESC LIMIT ? OFFSET ?"),
      content_(db.sqlite(), "SELECT content FROM event WHERE conversation = ? AND seq = 1"),
      stats_(db.sqlite(),
             "SELECT (SELECT count(*) FROM conversation WHERE is_active),"
             " (SELECT coalesce(sum(message_count), 0) FROM conversation),"
             " (SELECT count(DISTINCT p.user) FROM participant AS p JOIN conversation AS c"
             "   ON c.conversation = p.conversation WHERE p.left_at IS NULL AND c.is_active),"
             " (SELECT count(*) FROM conversation AS c WHERE c.is_active AND NOT EXISTS ("
             "   SELECT 1 FROM participant AS p WHERE p.conversation = c.conversation"
             "   AND p.left_at IS NULL AND p.role IN (2, 3)))") {}

ConversationState ViewReader::stateOf(SQLite::Statement& row) {
    ConversationState state;
    state.key = {row.getColumn(0).getInt64()};
    state.id = ConversationId::fromStored(row.getColumn(1).getString());
    state.createdAt = {row.getColumn(2).getInt64()};
    state.updatedAt = {row.getColumn(3).getInt64()};
    state.lastMessageAt = {row.getColumn(4).getInt64()};
    state.messageCount = row.getColumn(5).getInt64();
    state.isActive = row.getColumn(6).getInt() != 0;

    participants_.reset();
    participants_.bind(1, state.key.value);
    while (participants_.executeStep()) {
        state.participants.push_back(
            {UserId::fromStored(participants_.getColumn(0).getString()),
             UserKey{participants_.getColumn(1).getInt64()},
             static_cast<UserRole>(participants_.getColumn(2).getInt()),
             UnixMillis{participants_.getColumn(3).getInt64()}});
    }
    participants_.reset();

    lastSeq_.reset();
    lastSeq_.bind(1, state.key.value);
    if (lastSeq_.executeStep()) state.lastSeq = {lastSeq_.getColumn(0).getInt64()};
    lastSeq_.reset();
    return state;
}

ConversationRow ViewReader::rowOf(SQLite::Statement& row) {
    ConversationRow out{stateOf(row), {}, {}};
    content_.reset();
    content_.bind(1, out.state.key.value);
    if (content_.executeStep() && !content_.getColumn(0).isNull()) {
        if (const auto text = parseJson(content_.getColumn(0).getString())) {
            if (text->contains("title")) out.title = text->at("title").get<std::string>();
            if (text->contains("description")) {
                out.description = text->at("description").get<std::string>();
            }
        }
    }
    content_.reset();
    return out;
}

Result<std::optional<ConversationState>> ViewReader::conversation(const ConversationId& id) {
    std::optional<ConversationState> state;
    auto done = db_.run([&] {
        byId_.reset();
        byId_.bindNoCopy(1, id.str());
        if (byId_.executeStep()) state = stateOf(byId_);
    });
    byId_.tryReset();
    if (!done) return done.error();
    return state;
}

Result<std::optional<ConversationRow>> ViewReader::row(const ConversationId& id) {
    std::optional<ConversationRow> found;
    auto done = db_.run([&] {
        byId_.reset();
        byId_.bindNoCopy(1, id.str());
        if (byId_.executeStep()) found = rowOf(byId_);
    });
    byId_.tryReset();
    if (!done) return done.error();
    return found;
}

Result<std::vector<ConversationRow>> ViewReader::list(int limit, int offset) {
    std::vector<ConversationRow> rows;
    auto done = db_.run([&] {
        list_.reset();
        list_.bind(1, limit);
        list_.bind(2, offset);
        while (list_.executeStep()) rows.push_back(rowOf(list_));
    });
    list_.tryReset();
    if (!done) return done.error();
    return rows;
}

Result<DashboardStats> ViewReader::stats() {
    DashboardStats stats;
    auto done = db_.run([&] {
        stats_.reset();
        stats_.executeStep();
        stats = {stats_.getColumn(0).getInt64(), stats_.getColumn(1).getInt64(),
                 stats_.getColumn(2).getInt64(), stats_.getColumn(3).getInt64()};
    });
    stats_.tryReset();
    if (!done) return done.error();
    return stats;
}

}  // namespace parley
