#include "log/event_row.h"

#include <parley/log/execute.h>
#include <parley/log/log_head.h>

namespace parley {
namespace {

// REQUIRES: the statement stands on a row.
LogHead headFrom(SQLite::Statement& row) {
    LogHead head;
    head.position = {row.getColumn(0).getInt64()};
    head.at = {row.getColumn(1).getInt64()};
    head.id = event_row::uuidColumn(row, 2).value_or(Uuid{});
    head.hash = event_row::digestColumn(row, 3).value_or(Digest{});
    return head;
}

}  // namespace

Result<LogHead> readHead(Database& db) {
    return db.query([&] {
        SQLite::Statement last(
            db.sqlite(), "SELECT position, at, id, hash FROM event ORDER BY position DESC LIMIT 1");
        return last.executeStep() ? headFrom(last) : LogHead{};
    });
}

Result<std::optional<LogHead>> readHeadAt(Database& db, Position position) {
    return db.query([&]() -> std::optional<LogHead> {
        SQLite::Statement at(db.sqlite(),
                             "SELECT position, at, id, hash FROM event WHERE position = ?");
        bindNumbers(at, position.value);
        if (!at.executeStep()) return std::nullopt;
        return headFrom(at);
    });
}

}  // namespace parley
