#pragma once

#include "audit/tables/audit_change.h"

#include <parley/projection/event_counts.h>

#include <array>
#include <cstdint>
#include <vector>

namespace parley::audit {

/// Table `quarter_hour`: what happened in each quarter of an hour that has an event. With it the
/// days and hours of every zone can be counted: their clocks are whole quarters away from UTC.
class QuarterHourTable {
public:
    static constexpr std::array kTables{"quarter_hour"};
    static constexpr int kVersion = 1;

    explicit QuarterHourTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush();
    void forget() { quarters_.clear(); }

private:
    static constexpr std::int64_t kMillis = 900'000;

    std::vector<EventCounts> quarters_;
    SQLite::Statement add_;
};

inline QuarterHourTable::QuarterHourTable(SQLite::Database& db)
    : add_(db,
           "INSERT INTO quarter_hour (number, first_position, last_position, events, messages,"
           " customer_messages, staff_messages, robot_messages, notes, joins, leaves, typing)"
           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
           " ON CONFLICT (number) DO UPDATE SET last_position = excluded.last_position,"
           " events = events + excluded.events, messages = messages + excluded.messages,"
           " customer_messages = customer_messages + excluded.customer_messages,"
           " staff_messages = staff_messages + excluded.staff_messages,"
           " robot_messages = robot_messages + excluded.robot_messages,"
           " notes = notes + excluded.notes, joins = joins + excluded.joins,"
           " leaves = leaves + excluded.leaves, typing = typing + excluded.typing") {}

inline void QuarterHourTable::apply(const AuditChange& change) {
    addToSpans(quarters_, kMillis, change.event);
}

inline void QuarterHourTable::flush() {
    for (const auto& quarter : quarters_) quarter.write(add_);
    quarters_.clear();
}

}  // namespace parley::audit
