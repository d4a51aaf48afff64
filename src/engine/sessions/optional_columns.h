#pragma once

#include <parley/core/ids.h>
#include <parley/domain/roles.h>

#include <SQLiteCpp/Statement.h>

#include <optional>

/// Columns of the engine's own rows that may be NULL. SQLite's exceptions pass through: call inside
/// Database::run or query.
namespace parley {

inline std::optional<UserId> userIn(SQLite::Statement& row, int index) {
    const auto column = row.getColumn(index);
    return column.isNull() ? std::nullopt : std::optional(UserId::fromStored(column.getString()));
}

inline std::optional<UserRole> roleIn(SQLite::Statement& row, int index) {
    const auto column = row.getColumn(index);
    return column.isNull() ? std::nullopt : std::optional(static_cast<UserRole>(column.getInt()));
}

}  // namespace parley
