#pragma once

#include "projection/tables/view_change.h"

#include <parley/log/database.h>
#include <parley/log/execute.h>
#include <parley/projection/event_counts.h>
#include <parley/projection/view_writer.h>

#include <array>
#include <cstdint>
#include <vector>

namespace parley {

/// Table `hour`: what happened in each hour, UTC, that has an event. Nearly always there is one
/// hour in what was gathered.
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
    static constexpr std::int64_t kMillis = 3'600'000;

    std::vector<EventCounts> hours_;
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

inline void HourTable::apply(const ViewChange& change) {
    addToSpans(hours_, kMillis, change.event);
}

// An hour begins once and is counted up from then on: the cheaper statement comes first.
inline void HourTable::flush() {
    for (const auto& hour : hours_) {
        if (hour.write(count_) == 0) hour.write(begin_);
    }
    hours_.clear();
}

}  // namespace parley
