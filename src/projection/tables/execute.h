#pragma once

#include <SQLiteCpp/Statement.h>

#include <cstdint>

namespace parley {

/// Runs a statement with integers for its parameters, in their order.
template <typename... Values>
void execute(SQLite::Statement& statement, Values... values) {
    statement.reset();
    int index = 0;
    (statement.bind(++index, static_cast<std::int64_t>(values)), ...);
    statement.exec();
    statement.reset();
}

}  // namespace parley
