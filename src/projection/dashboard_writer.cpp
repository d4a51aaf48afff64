#include <parley/domain/roles.h>
#include <parley/log/statement_reset.h>
#include <parley/projection/dashboard_writer.h>

namespace parley {

DashboardWriter::DashboardWriter(SQLite::Database& db)
    : participant_(db,
                   "SELECT role FROM participant"
                   " WHERE conversation = ?1 AND user = ?2 AND left_at IS NULL"),
      staff_(db,
             "UPDATE conversation SET staff_count = staff_count + ?2 WHERE conversation = ?1"
             " RETURNING staff_count"),
      user_(db,
            "INSERT INTO active_user (user, conversation_count) VALUES (?1, ?2)"
            " ON CONFLICT (user) DO UPDATE SET"
            " conversation_count = conversation_count + excluded.conversation_count"
            " RETURNING conversation_count"),
      figures_(db,
               "INSERT INTO dashboard (id, active_conversations, total_messages, active_users,"
               " queued_conversations) VALUES (1, ?1, ?2, ?3, ?4)"
               " ON CONFLICT (id) DO UPDATE SET"
               " active_conversations = active_conversations + excluded.active_conversations,"
               " total_messages = total_messages + excluded.total_messages,"
               " active_users = active_users + excluded.active_users,"
               " queued_conversations = queued_conversations + excluded.queued_conversations") {}

void DashboardWriter::started() {
    ++gathered_.conversations;
    ++gathered_.queued;  // until an agent or supervisor joins
}

DashboardWriter::Presence DashboardWriter::presenceOf(const Event& event) {
    const StatementReset guard(participant_);
    participant_.bind(1, event.conversationKey.value);
    participant_.bind(2, event.actorKey.value);
    if (!participant_.executeStep()) return {};
    return {true, isStaff(static_cast<UserRole>(participant_.getColumn(0).getInt()))};
}

void DashboardWriter::joins(const Event& event) {
    const Presence before = presenceOf(event);
    const bool staff = isStaff(event.role.value_or(UserRole::customer));
    if (!before.present) countUser(event, 1);
    if (staff != before.staff) countStaff(event, staff ? 1 : -1);
}

void DashboardWriter::leaves(const Event& event) {
    const Presence before = presenceOf(event);
    if (before.present) countUser(event, -1);
    if (before.staff) countStaff(event, -1);
}

void DashboardWriter::countStaff(const Event& event, int by) {
    const StatementReset guard(staff_);
    staff_.bind(1, event.conversationKey.value);
    staff_.bind(2, by);
    if (!staff_.executeStep()) return;
    const auto staff = staff_.getColumn(0).getInt64();
    if (by > 0 && staff == 1) --gathered_.queued;
    if (by < 0 && staff == 0) ++gathered_.queued;
}

void DashboardWriter::countUser(const Event& event, int by) {
    const StatementReset guard(user_);
    user_.bind(1, event.actorKey.value);
    user_.bind(2, by);
    if (!user_.executeStep()) return;
    const auto conversations = user_.getColumn(0).getInt64();
    if (by > 0 && conversations == 1) ++gathered_.users;
    if (by < 0 && conversations == 0) --gathered_.users;
}

void DashboardWriter::flush() {
    if (gathered_ == Figures{}) return;
    const StatementReset guard(figures_);
    figures_.bind(1, gathered_.conversations);
    figures_.bind(2, gathered_.messages);
    figures_.bind(3, gathered_.users);
    figures_.bind(4, gathered_.queued);
    figures_.exec();
    gathered_ = {};
}

}  // namespace parley
