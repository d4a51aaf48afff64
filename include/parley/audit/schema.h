#pragma once

#include <parley/log/schema.h>

namespace parley::audit {

/// "PRLA": marks a file as Parley's audit.db (PRAGMA application_id).
inline constexpr int kApplicationId = 0x50524C41;

/// The schema of `audit.db`: schema/audit/*.sql, with the names of types and roles and the version
/// of the fold in it. A file of another one is built anew, never migrated. Its views are
/// schema/audit/views/*.sql. Lives as long as the process. Any thread.
const Schema& schema();

}  // namespace parley::audit
