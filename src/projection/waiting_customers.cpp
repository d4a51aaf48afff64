#include <parley/log/execute.h>
#include <parley/projection/waiting_customers.h>

namespace parley {

// The index on waiting_position holds only conversations that wait. Who waits since the earliest
// position waits longest.
Result<WaitingCustomers> readWaitingCustomers(Database& db) {
    return db.query([&]() -> WaitingCustomers {
        WaitingCustomers found;
        SQLite::Statement active(db.sqlite(),
                                 "SELECT active_conversations FROM dashboard WHERE id = 1");
        if (active.executeStep()) found.active = active.getColumn(0).getInt64();
        SQLite::Statement waiting(db.sqlite(),
                                  "SELECT count(*) FROM conversation"
                                  " WHERE waiting_position IS NOT NULL");
        if (waiting.executeStep()) found.waiting = waiting.getColumn(0).getInt64();
        SQLite::Statement longest(db.sqlite(),
                                  "SELECT waiting_at FROM conversation"
                                  " WHERE waiting_position IS NOT NULL"
                                  " ORDER BY waiting_position LIMIT 1");
        if (longest.executeStep()) found.longest = UnixMillis{longest.getColumn(0).getInt64()};
        return found;
    });
}

}  // namespace parley
