#include "app/audit/statement.h"

#include <parley/core/hex.h>
#include <parley/core/try.h>

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace parley::app::audit {
namespace {

Error wrongSql(sqlite3* db, std::string_view sql) {
    std::string said = sqlite3_errmsg(db);
    const int offset = sqlite3_error_offset(db);
    if (offset >= 0 && static_cast<std::size_t>(offset) <= sql.size()) {
        const auto near = sql.substr(static_cast<std::size_t>(offset), 20);
        said += ", at offset " + std::to_string(offset);
        if (!near.empty()) said += ": " + std::string(near.substr(0, near.find('\n')));
    }
    return {ErrorCode::invalid_value, said};
}

Error wrong(const std::string& said) {
    return {ErrorCode::invalid_value, said};
}

// Whether nothing but blanks, semicolons and comments follows.
bool isEmptySql(sqlite3* db, const char* tail) {
    sqlite3_stmt* more = nullptr;
    const char* rest = tail;
    while (*rest != '\0') {
        const int result = sqlite3_prepare_v2(db, rest, -1, &more, &rest);
        const bool found = more != nullptr;
        sqlite3_finalize(more);
        if (found || result != SQLITE_OK) return false;
    }
    return true;
}

}  // namespace

Statement::Statement(Database& db, sqlite3_stmt* statement) : db_(db), statement_(statement) {
    for (int i = 0; i < sqlite3_column_count(statement_); ++i) {
        columns_.emplace_back(sqlite3_column_name(statement_, i));
    }
}

Statement::Statement(Statement&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      columns_(std::move(other.columns_)) {}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Result<Statement> Statement::prepare(Database& db, std::string_view sql,
                                     const Parameters& parameters) {
    sqlite3* const handle = db.sqlite().getHandle();
    const std::string text(sql);
    sqlite3_stmt* compiled = nullptr;
    const char* tail = nullptr;
    if (sqlite3_prepare_v2(handle, text.c_str(), -1, &compiled, &tail) != SQLITE_OK) {
        return wrongSql(handle, sql);
    }
    if (!compiled) return wrong("there is no statement in it");
    Statement statement(db, compiled);
    if (!isEmptySql(handle, tail)) return wrong("more than one statement; give them one by one");
    if (sqlite3_stmt_readonly(compiled) == 0) return wrong("only SELECT is allowed");
    PARLEY_TRY(statement.bind(parameters));
    return statement;
}

Result<void> Statement::bind(const Parameters& parameters) {
    for (int i = 1; i <= sqlite3_bind_parameter_count(statement_); ++i) {
        const char* const name = sqlite3_bind_parameter_name(statement_, i);
        const auto given = name ? parameters.find(name + 1) : parameters.end();
        if (given == parameters.end()) {
            return wrong(std::string("the parameter ") + (name ? name : "?") + " has no value");
        }
        if (const auto* number = std::get_if<std::int64_t>(&given->second)) {
            sqlite3_bind_int64(statement_, i, *number);
        } else {
            const auto& text = std::get<std::string>(given->second);
            sqlite3_bind_text(statement_, i, text.c_str(), static_cast<int>(text.size()),
                              SQLITE_TRANSIENT);
        }
    }
    return {};
}

std::string Statement::expanded() const {
    char* const text = sqlite3_expanded_sql(statement_);
    std::string out = text ? text : "";
    sqlite3_free(text);
    while (out.ends_with('\n') || out.ends_with(' ')) out.pop_back();
    return out;
}

Result<std::string> Statement::plan() {
    return db_.query([&] {
        SQLite::Statement row(db_.sqlite(), "EXPLAIN QUERY PLAN " + expanded());
        std::map<int, std::size_t> depth;
        std::string out;
        while (row.executeStep()) {
            const auto parent = depth.find(row.getColumn(1).getInt());
            const auto level = parent == depth.end() ? 0 : parent->second + 1;
            depth[row.getColumn(0).getInt()] = level;
            out += std::string(2 * level, ' ') + row.getColumn(3).getString() + '\n';
        }
        return out;
    });
}

Cell Statement::cellOf(int column) const {
    switch (sqlite3_column_type(statement_, column)) {
        case SQLITE_INTEGER: return sqlite3_column_int64(statement_, column);
        case SQLITE_FLOAT: return sqlite3_column_double(statement_, column);
        case SQLITE_NULL: return std::monostate();
        default: break;
    }
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return std::string_view(bytes ? bytes : "",
                            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

Result<void> Statement::run(RowWriter& writer, Ran& ran, const Convert& convert) {
    const auto position = std::find(columns_.begin(), columns_.end(), "position");
    const auto count = columns_.size();
    std::vector<Cell> cells(count);
    std::vector<std::string> texts(count);  // of cells that are no longer SQLite's own
    writer.begin(columns_);
    const auto readRow = [&] {
        for (std::size_t i = 0; i < count; ++i) {
            const int column = static_cast<int>(i);
            cells[i] = cellOf(column);
            const auto* text = std::get_if<std::string_view>(&cells[i]);
            if (!text) continue;
            if (sqlite3_column_type(statement_, column) == SQLITE_BLOB) {
                const auto* bytes = reinterpret_cast<const std::uint8_t*>(text->data());
                texts[i] = toHex({bytes, text->size()});
            } else if (convert) {
                texts[i] = convert(i, *text);
            } else {
                continue;
            }
            cells[i] = std::string_view(texts[i]);
        }
    };
    for (;;) {
        const int result = sqlite3_step(statement_);
        if (result == SQLITE_DONE) break;
        // Of what was asked: a function that was given what it cannot take, a text without end.
        if (result == SQLITE_ERROR || result == SQLITE_TOOBIG) {
            return wrong(sqlite3_errmsg(db_.sqlite().getHandle()));
        }
        if (result != SQLITE_ROW) {
            return db_.run([&] { throw SQLite::Exception(db_.sqlite().getHandle(), result); });
        }
        readRow();
        writer.row(cells);
        ++ran.rows;
        if (position == columns_.end()) continue;
        const auto& cell = cells[static_cast<std::size_t>(position - columns_.begin())];
        if (const auto* number = std::get_if<std::int64_t>(&cell)) ran.lastPosition = *number;
    }
    writer.end();
    return {};
}

}  // namespace parley::app::audit
