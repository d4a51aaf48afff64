#pragma once

#include "audit/tables/audit_change.h"

#include <parley/domain/answer.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/projection/event_counts.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>

namespace parley::audit {

/// Table `activity`: what each user did, by role and day (UTC). Gathered, and written once for each
/// row of a chunk. In how many conversations is no figure that can be added up: `v1_activity`
/// counts it from `user_event`, where somebody asks for it.
class ActivityTable {
public:
    static constexpr std::array kTables{"activity"};
    static constexpr int kVersion = 2;

    explicit ActivityTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush();
    void forget() { gathered_.clear(); }

private:
    struct Key {
        std::int64_t day = 0;  // since 1970-01-01
        UserKey user;
        int role{};  // 0: none is known
        auto operator<=>(const Key&) const = default;
    };
    struct Figures {
        Moment first;
        Moment last;
        std::int64_t messages = 0;
        std::int64_t notes = 0;
        std::int64_t shares = 0;
        std::int64_t joins = 0;
        std::int64_t leaves = 0;
        std::int64_t typing = 0;
        std::optional<std::int64_t> openStays;  ///< the most there were
    };
    static constexpr std::int64_t kDayMs = 86'400'000;
    static void count(Figures& figures, const AuditChange& change);

    std::map<Key, Figures> gathered_;
    SQLite::Statement add_;
};

inline ActivityTable::ActivityTable(SQLite::Database& db)
    : add_(db,
           "INSERT INTO activity (day, user, role, messages, notes, shares, joins, leaves, typing,"
           " first_position, first_at, last_position, last_at, open_stays)"
           " VALUES (date(?1 * 86400, 'unixepoch'), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
           " ?13, nullif(?14, -1)) ON CONFLICT (day, user, role) DO UPDATE SET"
           " messages = messages + excluded.messages, notes = notes + excluded.notes,"
           " shares = shares + excluded.shares, joins = joins + excluded.joins,"
           " leaves = leaves + excluded.leaves, typing = typing + excluded.typing,"
           " last_position = excluded.last_position, last_at = excluded.last_at,"
           " open_stays = coalesce(max(open_stays, excluded.open_stays), open_stays,"
           " excluded.open_stays)") {}

inline void ActivityTable::count(Figures& figures, const AuditChange& change) {
    const auto& event = change.event;
    const bool staff = change.role && isStaff(*change.role);
    if (isMessage(event.type)) {
        ++figures.messages;
        if (staff && !visibleToEveryCustomer(event)) ++figures.notes;
        if (event.type == EventType::messageShared) ++figures.shares;
    } else if (isTyping(event.type)) {
        ++figures.typing;
    } else {
        ++(event.type == EventType::participantJoined ? figures.joins : figures.leaves);
    }
}

inline void ActivityTable::apply(const AuditChange& change) {
    const auto& event = change.event;
    if (!isMessage(event.type) && !isMembership(event.type) && !isTyping(event.type)) return;
    const auto day = spanNumber(event.at, kDayMs);
    const int role = change.role ? static_cast<int>(*change.role) : 0;
    auto [found, isNew] = gathered_.try_emplace({day, event.actorKey, role});
    auto& figures = found->second;
    if (isNew) figures.first = momentOf(event);
    figures.last = momentOf(event);
    figures.openStays = std::max(figures.openStays, change.openStays);  // nothing is the least
    count(figures, change);
}

inline void ActivityTable::flush() {
    for (const auto& [key, figures] : gathered_) {
        execute(add_, key.day, key.user.value, key.role, figures.messages, figures.notes,
                figures.shares, figures.joins, figures.leaves, figures.typing,
                figures.first.position.value, figures.first.at.value, figures.last.position.value,
                figures.last.at.value, figures.openStays.value_or(-1));
    }
    gathered_.clear();
}

}  // namespace parley::audit
