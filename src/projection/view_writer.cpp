#include <parley/projection/view_writer.h>

#include <algorithm>

namespace parley {
namespace {

template <typename... Values>
void execute(SQLite::Statement& statement, Values... values) {
    statement.reset();
    int index = 0;
    (statement.bind(++index, static_cast<std::int64_t>(values)), ...);
    statement.exec();
    statement.reset();
}

}  // namespace

ViewWriter::ViewWriter(SQLite::Database& db)
    : dashboard_(db),
      start_(db,
             "INSERT INTO conversation (conversation, created_by, created_at,"
             " updated_at, last_message_at, message_count, is_active, staff_count)"
             " VALUES (?1, ?2, ?3, ?3, ?3, 0, 1, 0)"),
      update_(db,
              "UPDATE conversation SET message_count = message_count + ?2,"
              " last_message_at = max(last_message_at, ?3), updated_at = max(updated_at, ?4)"
              " WHERE conversation = ?1"),
      // Joined again in another role: there since they joined first. Back after leaving: from now.
      join_(db,
            "INSERT INTO participant (conversation, user, role, joined_at, joined_position)"
            " VALUES (?1, ?2, ?3, ?4, ?5)"
            " ON CONFLICT (conversation, user) DO UPDATE SET role = excluded.role,"
            " joined_at = iif(left_at IS NULL, joined_at, excluded.joined_at),"
            " joined_position = iif(left_at IS NULL, joined_position, excluded.joined_position),"
            " left_at = NULL, left_cause = NULL"),
      leave_(db,
             "UPDATE participant SET left_at = ?3, left_cause = nullif(?4, '')"
             " WHERE conversation = ?1 AND user = ?2"),
      share_(db,
             "INSERT INTO message_overlay SELECT position, ?2 FROM event WHERE id = ?1"
             " ON CONFLICT DO NOTHING") {}

void ViewWriter::apply(const Event& event) {
    switch (event.type) {
        case EventType::conversationStarted: started(event); break;
        case EventType::participantJoined: joined(event); break;
        case EventType::participantLeft: left(event); break;
        case EventType::messageShared: shared(event); [[fallthrough]];
        case EventType::messageSent: {
            auto& pending = pending_[event.conversationKey.value];
            ++pending.messages;
            dashboard_.message();
            pending.lastMessageAt = pending.updatedAt = event.at.value;
            break;
        }
        case EventType::typingStarted:
        case EventType::typingStopped:
        case EventType::retentionApplied: break;  // in the log, in no view
    }
}

void ViewWriter::started(const Event& event) {
    dashboard_.started();
    execute(start_, event.conversationKey.value, event.actorKey.value, event.at.value);
}

void ViewWriter::joined(const Event& event) {
    dashboard_.joins(event);
    execute(join_, event.conversationKey.value, event.actorKey.value,
            static_cast<int>(event.role.value_or(UserRole::customer)), event.at.value,
            event.position.value);
    pending_[event.conversationKey.value].updatedAt = event.at.value;
}

void ViewWriter::left(const Event& event) {
    dashboard_.leaves(event);
    leave_.reset();
    leave_.bind(4, event.cause);
    execute(leave_, event.conversationKey.value, event.actorKey.value, event.at.value);
    pending_[event.conversationKey.value].updatedAt = event.at.value;
}

void ViewWriter::shared(const Event& event) {
    if (!event.original) return;
    share_.reset();
    share_.bindNoCopy(1, event.original->bytes().data(), 16);
    share_.bind(2, event.position.value);
    share_.exec();
    share_.reset();
}

void ViewWriter::flush() {
    for (const auto& [conversation, pending] : pending_) {
        execute(update_, conversation, pending.messages, pending.lastMessageAt, pending.updatedAt);
    }
    pending_.clear();
    dashboard_.flush();
}

}  // namespace parley
