// Declares the session extension, which Debian's library has.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "engine/replication/changeset.h"

#include <parley/core/try.h>

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

Error damaged(const std::string& why) {
    return {ErrorCode::storage_damaged, "changes of another node do not fit: " + why};
}

Error ofSqlite(int code) {
    const bool full = code == SQLITE_FULL;
    return {full ? ErrorCode::storage_full : ErrorCode::storage_failed,
            std::string("recording changes failed: ") + sqlite3_errstr(code)};
}

struct Applying {
    const std::vector<std::string>& tables;
    std::string problem;  // the first one
};

int takesTable(void* context, const char* table) {
    auto& applying = *static_cast<Applying*>(context);
    const auto& tables = applying.tables;
    if (std::find(tables.begin(), tables.end(), table) != tables.end()) return 1;
    if (applying.problem.empty()) applying.problem = std::string("table ") + table;
    return 0;
}

int refuse(void* context, int conflict, sqlite3_changeset_iter* at) {
    auto& applying = *static_cast<Applying*>(context);
    const char* table = "?";
    int columns = 0;
    int operation = 0;
    int indirect = 0;
    if (conflict != SQLITE_CHANGESET_FOREIGN_KEY) {
        sqlite3changeset_op(at, &table, &columns, &operation, &indirect);
    }
    if (applying.problem.empty()) {
        applying.problem =
            std::string("conflict ") + std::to_string(conflict) + " in table " + table;
    }
    return SQLITE_CHANGESET_ABORT;
}

std::string textOf(sqlite3_value* value) {
    if (!value || sqlite3_value_type(value) == SQLITE_NULL) return {};
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return {text, static_cast<std::size_t>(sqlite3_value_bytes(value))};
}

// Of a row that is deleted or changed the old key counts, of a new one the new.
ChangedRow rowAt(sqlite3_changeset_iter* at) {
    const char* table = nullptr;
    int columns = 0;
    int operation = 0;
    int indirect = 0;
    sqlite3changeset_op(at, &table, &columns, &operation, &indirect);
    unsigned char* isKey = nullptr;
    int count = 0;
    sqlite3changeset_pk(at, &isKey, &count);
    ChangedRow row{table, {}, {}};
    int found = 0;
    for (int i = 0; i < count && found < 2; ++i) {
        if (!isKey[i]) continue;
        sqlite3_value* value = nullptr;
        if (operation == SQLITE_INSERT) {
            sqlite3changeset_new(at, i, &value);
        } else {
            sqlite3changeset_old(at, i, &value);
        }
        (++found == 1 ? row.first : row.second) = textOf(value);
    }
    return row;
}

}  // namespace

void ChangesetRecorder::Delete::operator()(sqlite3_session* session) const {
    sqlite3session_delete(session);
}

ChangesetRecorder::ChangesetRecorder(Database& db, std::vector<std::string> tables)
    : db_(db), tables_(std::move(tables)) {}

Result<void> ChangesetRecorder::begin() {
    sqlite3_session* session = nullptr;
    int code = sqlite3session_create(db_.sqlite().getHandle(), "main", &session);
    session_.reset(session);
    for (const auto& table : tables_) {
        if (code == SQLITE_OK) code = sqlite3session_attach(session, table.c_str());
    }
    if (code == SQLITE_OK) return {};
    end();
    return ofSqlite(code);
}

Result<std::string> ChangesetRecorder::changes() {
    if (!session_ || sqlite3session_isempty(session_.get())) return std::string();
    int bytes = 0;
    void* changes = nullptr;
    const int code = sqlite3session_changeset(session_.get(), &bytes, &changes);
    const std::unique_ptr<void, decltype(&sqlite3_free)> owner(changes, &sqlite3_free);
    if (code != SQLITE_OK) return ofSqlite(code);
    return std::string(static_cast<const char*>(changes), static_cast<std::size_t>(bytes));
}

Result<void> applyChangeset(Database& db, std::string_view changes,
                            const std::vector<std::string>& tables) {
    if (changes.empty()) return {};
    Applying applying{tables, {}};
    // SQLite does not write into the bytes.
    auto* bytes = const_cast<char*>(changes.data());
    const int code =
        sqlite3changeset_apply(db.sqlite().getHandle(), static_cast<int>(changes.size()), bytes,
                               &takesTable, &refuse, &applying);
    if (!applying.problem.empty()) return damaged(applying.problem);
    if (code == SQLITE_OK) return {};
    if (code == SQLITE_CORRUPT) return damaged("they are damaged");
    return ofSqlite(code);
}

Result<void> eachChangedRow(std::string_view changes,
                            const std::function<void(const ChangedRow&)>& each) {
    if (changes.empty()) return {};
    auto* bytes = const_cast<char*>(changes.data());
    sqlite3_changeset_iter* iterator = nullptr;
    int code = sqlite3changeset_start(&iterator, static_cast<int>(changes.size()), bytes);
    while (code == SQLITE_OK && (code = sqlite3changeset_next(iterator)) == SQLITE_ROW) {
        each(rowAt(iterator));
        code = SQLITE_OK;
    }
    const int finished = iterator ? sqlite3changeset_finalize(iterator) : SQLITE_OK;
    if (code == SQLITE_DONE && finished == SQLITE_OK) return {};
    return damaged("they are damaged");
}

}  // namespace parley
