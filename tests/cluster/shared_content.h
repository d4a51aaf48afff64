#pragma once

#include <parley/log/database.h>
#include <parley/projection/view_writer.h>

#include <string>

namespace parley::test {

/// A table, row by row.
inline std::string rowsOf(Database& db, const std::string& table) {
    std::string text = "== " + table + "\n";
    SQLite::Statement rows(db.sqlite(), "SELECT * FROM " + table + " ORDER BY 1, 2");
    while (rows.executeStep()) {
        for (int i = 0; i < rows.getColumnCount(); ++i) {
            text += rows.getColumn(i).getString() + '|';
        }
        text += '\n';
    }
    return text;
}

/// All that the nodes of a cluster share: the log, the views, sessions and living connections.
inline std::string sharedContentOf(Database& db) {
    std::string text;
    for (const char* table : {"event", "conversation_key", "user_key", "session", "session_room",
                              "session_own", "live_room", "live_connection", "live_typing"}) {
        text += rowsOf(db, table);
    }
    for (const auto& table : viewTables()) text += rowsOf(db, table.name);
    return text;
}

}  // namespace parley::test
