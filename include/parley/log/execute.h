#pragma once

#include <parley/log/statement_reset.h>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <vector>

/// Running statements whose parameters and results are integers. Parameters are bound in their
/// order, from 1. The statement is reset before and after, so that it holds no read transaction.
/// SQLite's exceptions pass through: call inside Database::run or query. The thread of the
/// statement's connection.
namespace parley {

template <typename... Numbers>
void bindNumbers(SQLite::Statement& statement, Numbers... numbers) {
    int index = 0;
    (statement.bind(++index, static_cast<std::int64_t>(numbers)), ...);
}

/// Runs a statement that gives no rows.
template <typename... Numbers>
void execute(SQLite::Statement& statement, Numbers... numbers) {
    const StatementReset guard(statement);
    bindNumbers(statement, numbers...);
    statement.exec();
}

/// The first column of the first row; nothing where there is no row.
template <typename... Numbers>
std::optional<std::int64_t> numberFrom(SQLite::Statement& statement, Numbers... numbers) {
    const StatementReset guard(statement);
    bindNumbers(statement, numbers...);
    if (!statement.executeStep()) return std::nullopt;
    return statement.getColumn(0).getInt64();
}

/// The first column of every row, in their order. The caller's statement bounds how many there are.
template <typename... Numbers>
std::vector<std::int64_t> numbersFrom(SQLite::Statement& statement, Numbers... numbers) {
    const StatementReset guard(statement);
    bindNumbers(statement, numbers...);
    std::vector<std::int64_t> found;
    while (statement.executeStep()) found.push_back(statement.getColumn(0).getInt64());
    return found;
}

}  // namespace parley
