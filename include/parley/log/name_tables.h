#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>

namespace parley {

/// Compares the tables `event_type`, `user_role` and `message_type` with the names that this
/// program was built with. The public views join them: a type without its row would vanish from
/// `v1_event`. Refuses with `storage_damaged` what lacks a row or has another name in it; rows
/// beyond those the program knows are none of its business. Reads only.
/// REQUIRES: the schema is this program's. The thread of `db`.
Result<void> checkNameTables(Database& db);

}  // namespace parley
