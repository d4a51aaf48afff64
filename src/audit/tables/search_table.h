#pragma once

#include "audit/search_filter.h"
#include "audit/search_text.h"
#include "audit/tables/audit_change.h"

#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/statement_reset.h>

#include <array>
#include <string>

namespace parley::audit {

/// Table `search`: the index of all messages' words, which does not hold the messages themselves.
/// A message that is emptied stays in it until the table is built anew.
class SearchTable {
public:
    static constexpr std::array<const char*, 0> kTables{};  // check.cpp compares its words
    static constexpr int kVersion = 2;

    explicit SearchTable(SQLite::Database& db);
    void apply(const AuditChange& change);
    void flush() {}
    void forget() {}

private:
    SQLite::Statement insert_;
};

inline SearchTable::SearchTable(SQLite::Database& db)
    : insert_(db, "INSERT INTO search (rowid, content, filter) VALUES (?1, ?2, ?3)") {}

inline void SearchTable::apply(const AuditChange& change) {
    if (!change.content) return;
    const auto& event = change.event;
    const StatementReset guard(insert_);
    const std::string text = fedText(*change.content);
    const std::string filter = filterOf(event);
    insert_.bind(1, event.position.value);
    insert_.bindNoCopy(2, text);
    insert_.bindNoCopy(3, filter);
    insert_.exec();
}

}  // namespace parley::audit
