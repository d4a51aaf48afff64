#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/conversation_scan.h>
#include <parley/log/sql_lists.h>
#include <parley/log/upcast.h>

#include <algorithm>

namespace parley {
namespace {

constexpr std::size_t kUsersKeptMax = 4096;

std::string select(const std::string& condition) {
    return "SELECT position, seq, type, version, at, actor, role, visible, cause FROM event"
           " WHERE conversation = ? AND seq > ? AND seq <= ? " +
           condition + " ORDER BY seq";
}

std::string isMembershipType() {
    return "AND type IN " + sqlTypes(EventKind::membership);
}

}  // namespace

ConversationScan::ConversationScan(Database& db)
    : db_(db),
      everything_(db.sqlite(), select("")),
      memberships_(db.sqlite(), select(isMembershipType())),
      lastMembership_(db.sqlite(),
                      "SELECT position, type, role, cause FROM event WHERE conversation = ?"
                      " AND actor = ? AND seq <= ? " +
                          isMembershipType() + " ORDER BY seq DESC LIMIT 1"),
      user_(db.sqlite(), "SELECT id FROM user_key WHERE key = ?"),
      data_(db.sqlite(), "SELECT data FROM event WHERE position = ?") {}

const UserId& ConversationScan::userOf(UserKey key) {
    if (const auto known = users_.find(key); known != users_.end()) return known->second;
    if (users_.size() >= kUsersKeptMax) users_.clear();
    const StatementReset guard(user_);
    bindNumbers(user_, key.value);
    const bool found = user_.executeStep();
    return users_.emplace(key, UserId::fromStored(found ? user_.getColumn(0).getString() : ""))
        .first->second;
}

Result<void> ConversationScan::readRow(SQLite::Statement& row, Event& event) {
    event.position = {row.getColumn(0).getInt64()};
    event.seq = {row.getColumn(1).getInt64()};
    PARLEY_TRY_ASSIGN(event.type, event_row::typeOf(row.getColumn(2).getInt(), event.position));
    event.version = row.getColumn(3).getUInt();
    event.at = {row.getColumn(4).getInt64()};
    event.actorKey = {row.getColumn(5).getInt64()};
    event.role = event_row::enumColumn<UserRole>(row, 6);
    event.visible = event_row::enumColumn<bool>(row, 7);
    event.cause = row.getColumn(8).getText();  // "" for NULL
    if (isMembership(event.type) || isTyping(event.type)) event.actor = userOf(event.actorKey);
    return upcastFoldable(event);
}

Result<Seq> ConversationScan::slice(ConversationKey conversation, Seq after, Seq upTo, ScanOf of,
                                    const std::function<void(const Event&)>& each) {
    const Seq end{std::min(upTo.value, after.value + kSliceEvents)};
    auto& rows = of == ScanOf::memberships ? memberships_ : everything_;
    return db_.query([&]() -> Result<Seq> {
        const StatementReset guard(rows);
        bindNumbers(rows, conversation.value, after.value, end.value);
        Event event;
        event.conversationKey = conversation;
        event.data.clear();
        while (rows.executeStep()) {
            PARLEY_TRY(readRow(rows, event));
            each(event);
        }
        return end;
    });
}

Result<std::optional<Event>> ConversationScan::lastMembership(ConversationKey conversation,
                                                              UserKey user, Seq upTo) {
    return db_.query([&]() -> Result<std::optional<Event>> {
        const StatementReset guard(lastMembership_);
        bindNumbers(lastMembership_, conversation.value, user.value, upTo.value);
        if (!lastMembership_.executeStep()) return std::optional<Event>();
        Event event;
        event.position = {lastMembership_.getColumn(0).getInt64()};
        PARLEY_TRY_ASSIGN(event.type,
                          event_row::typeOf(lastMembership_.getColumn(1).getInt(), event.position));
        event.role = event_row::enumColumn<UserRole>(lastMembership_, 2);
        event.cause = lastMembership_.getColumn(3).getText();
        return std::optional(std::move(event));
    });
}

Result<std::string> ConversationScan::dataAt(Position position) {
    return db_.query([&]() -> std::string {
        const StatementReset guard(data_);
        bindNumbers(data_, position.value);
        return data_.executeStep() ? data_.getColumn(0).getString() : std::string();
    });
}

}  // namespace parley
