#pragma once

#include <parley/log/statement_reset.h>

#include <SQLiteCpp/Statement.h>

#include <cstdint>

namespace parley {

/// Runs a statement with integers for its parameters, in their order, and resets it. SQLite's
/// exceptions pass through. The thread of the statement's connection.
template <typename... Numbers>
void execute(SQLite::Statement& statement, Numbers... numbers) {
    StatementReset guard(statement);
    int index = 0;
    (statement.bind(++index, static_cast<std::int64_t>(numbers)), ...);
    statement.exec();
}

}  // namespace parley
