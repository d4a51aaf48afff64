#include "log/event_row.h"

#include <parley/log/log_head.h>

namespace parley {

Result<LogHead> readHead(Database& db) {
    return db.query([&] {
        LogHead head;
        SQLite::Statement last(
            db.sqlite(), "SELECT position, at, id, hash FROM event ORDER BY position DESC LIMIT 1");
        if (last.executeStep()) {
            head.position = {last.getColumn(0).getInt64()};
            head.at = {last.getColumn(1).getInt64()};
            head.id = event_row::uuidColumn(last, 2).value_or(Uuid{});
            head.hash = event_row::digestColumn(last, 3).value_or(Digest{});
        }
        return head;
    });
}

}  // namespace parley
