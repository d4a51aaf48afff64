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
             "INSERT INTO conversation (conversation, created_by, created_at, updated_at,"
             " last_message_at, message_count, is_active, staff_count, customer_updated_at,"
             " customer_last_message_at) VALUES (?1, ?2, ?3, ?3, ?3, 0, 1, 0, ?3, ?3)"),
      update_(db,
              "UPDATE conversation SET message_count = message_count + ?2,"
              " last_message_seq = max(last_message_seq, ?3),"
              " last_message_at = max(last_message_at, ?4), updated_at = max(updated_at, ?5),"
              " customer_message_count = customer_message_count + ?6,"
              " customer_last_message_seq = max(customer_last_message_seq, ?7),"
              " customer_last_message_at = max(customer_last_message_at, ?8),"
              " customer_updated_at = max(customer_updated_at, ?9)"
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
             " ON CONFLICT DO NOTHING"),
      hide_(db,
            "INSERT INTO hidden_by_author (conversation, user, message_count, last_seq, last_at)"
            " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (conversation, user) DO UPDATE SET"
            " message_count = message_count + excluded.message_count,"
            " last_seq = max(last_seq, excluded.last_seq),"
            " last_at = max(last_at, excluded.last_at)") {}

void ViewWriter::apply(const Event& event) {
    switch (event.type) {
        case EventType::conversationStarted: started(event); break;
        case EventType::participantJoined: joined(event); break;
        case EventType::participantLeft: left(event); break;
        case EventType::messageShared: shared(event); [[fallthrough]];
        case EventType::messageSent: message(event); break;
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
    changed(event);
}

void ViewWriter::left(const Event& event) {
    dashboard_.leaves(event);
    leave_.reset();
    leave_.bind(4, event.cause);
    execute(leave_, event.conversationKey.value, event.actorKey.value, event.at.value);
    changed(event);
}

void ViewWriter::shared(const Event& event) {
    if (!event.original) return;
    share_.reset();
    share_.bindNoCopy(1, event.original->bytes().data(), 16);
    share_.bind(2, event.position.value);
    share_.exec();
    share_.reset();
}

void ViewWriter::message(const Event& event) {
    dashboard_.message();
    auto& pending = pending_[event.conversationKey];
    add(pending.all, event);
    if (visibleToEveryCustomer(event)) {
        add(pending.customers, event);
    } else {
        auto& own = hidden_[{event.conversationKey, event.actorKey}];
        ++own.count;
        own.lastSeq = event.seq;
        own.lastAt = event.at;
    }
}

void ViewWriter::changed(const Event& event) {
    auto& pending = pending_[event.conversationKey];
    pending.all.updatedAt = pending.customers.updatedAt = event.at;
}

void ViewWriter::flush() {
    for (const auto& [conversation, pending] : pending_) {
        const auto& [all, customers] = pending;
        execute(update_, conversation.value, all.messageCount, all.lastMessageSeq.value,
                all.lastMessageAt.value, all.updatedAt.value, customers.messageCount,
                customers.lastMessageSeq.value, customers.lastMessageAt.value,
                customers.updatedAt.value);
    }
    for (const auto& [author, own] : hidden_) {
        execute(hide_, author.first.value, author.second.value, own.count, own.lastSeq.value,
                own.lastAt.value);
    }
    pending_.clear();
    hidden_.clear();
    dashboard_.flush();
}

}  // namespace parley
