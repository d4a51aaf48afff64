#pragma once

#include "projection/tables/view_change.h"

#include <parley/domain/roles.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <cstdint>
#include <vector>

namespace parley {

/// Table `hour`: what happened in each hour, UTC, that has an event. Times never fall along the
/// log, so the hours of what was gathered stand in their order, and nearly always there is one.
class HourTable {
public:
    static constexpr std::array kTables{ViewTable{"hour", "number", 4096}};
    static constexpr int kVersion = 1;

    explicit HourTable(SQLite::Database& db);
    void apply(const ViewChange& change);
    void flush();
    void forget() { hours_.clear(); }
    std::size_t gathered() const { return hours_.size(); }

private:
    struct Hour {
        std::int64_t number = 0;
        Position first;
        Position last;
        std::int64_t events = 0;
        std::int64_t messages = 0;
        std::int64_t customerMessages = 0;
        std::int64_t staffMessages = 0;
        std::int64_t robotMessages = 0;
        std::int64_t notes = 0;
        std::int64_t joins = 0;
        std::int64_t leaves = 0;
        std::int64_t typing = 0;
    };
    static constexpr std::int64_t kMillis = 3'600'000;
    static std::int64_t numberOf(UnixMillis at);
    static int write(SQLite::Statement& statement, const Hour& hour);
    static void countMessage(Hour& hour, const FoldableEvent& message);

    std::vector<Hour> hours_;
    SQLite::Statement count_;
    SQLite::Statement begin_;
};

inline HourTable::HourTable(SQLite::Database& db)
    : count_(db,
             "UPDATE hour SET last_position = ?3, events = events + ?4, messages = messages + ?5,"
             " customer_messages = customer_messages + ?6, staff_messages = staff_messages + ?7,"
             " robot_messages = robot_messages + ?8, notes = notes + ?9, joins = joins + ?10,"
             " leaves = leaves + ?11, typing = typing + ?12 WHERE number = ?1 AND ?2 > 0"),
      begin_(db,
             "INSERT INTO hour (number, name, first_position, last_position, events, messages,"
             " customer_messages, staff_messages, robot_messages, notes, joins, leaves, typing)"
             " VALUES (?1, strftime('%Y-%m-%dT%H', ?1 * 3600, 'unixepoch'), ?2, ?3, ?4, ?5, ?6, ?7,"
             " ?8, ?9, ?10, ?11, ?12)") {}

// Rounds down, also before 1970: a test's clock may stand there.
inline std::int64_t HourTable::numberOf(UnixMillis at) {
    return (at.value - (at.value % kMillis + kMillis) % kMillis) / kMillis;
}

inline void HourTable::countMessage(Hour& hour, const FoldableEvent& message) {
    ++hour.messages;
    const auto role = message.role.value_or(UserRole::customer);
    if (role == UserRole::customer) {
        ++hour.customerMessages;
    } else if (role == UserRole::robot) {
        ++hour.robotMessages;
    } else if (visibleToEveryCustomer(message.visible)) {
        ++hour.staffMessages;
    } else {
        ++hour.notes;
    }
}

inline void HourTable::apply(const ViewChange& change) {
    const auto& event = change.event;
    const auto number = numberOf(event.at);
    if (hours_.empty() || hours_.back().number != number) {
        hours_.emplace_back();
        hours_.back().number = number;
        hours_.back().first = event.position;
    }
    Hour& hour = hours_.back();
    hour.last = event.position;
    ++hour.events;
    if (isMessage(event.type)) {
        countMessage(hour, event);
    } else if (isTyping(event.type)) {
        ++hour.typing;
    } else if (isMembership(event.type)) {
        ++(event.type == EventType::participantJoined ? hour.joins : hour.leaves);
    }
}

// An hour begins once and is counted up from then on: the cheaper statement comes first.
inline void HourTable::flush() {
    for (const auto& hour : hours_) {
        if (write(count_, hour) == 0) write(begin_, hour);
    }
    hours_.clear();
}

inline int HourTable::write(SQLite::Statement& statement, const Hour& hour) {
    const StatementReset guard(statement);
    bindNumbers(statement, hour.number, hour.first.value, hour.last.value, hour.events,
                hour.messages, hour.customerMessages, hour.staffMessages, hour.robotMessages,
                hour.notes, hour.joins, hour.leaves, hour.typing);
    return statement.exec();
}

}  // namespace parley
