#include "audit/fold.h"

#include <parley/audit/schema.h>
#include <parley/domain/event_type.h>
#include <parley/domain/roles.h>

#include <string>

namespace parley {

// As scripts/embed_sql.cmake compiles them in.
const std::vector<SqlFile>& auditMigrations();
const std::vector<SqlFile>& auditViews();

namespace audit {
namespace {

// Whatever changes in it changes its checksum, by which a file of another program is noticed.
std::string tablesAndNames() {
    std::string sql(auditMigrations().front().sql);
    sql += "-- The fold's version: " + std::to_string(foldVersion()) + '\n';
    const auto name = [&](const char* table, int number, std::string_view text) {
        sql += std::string("INSERT INTO ") + table + " VALUES (" + std::to_string(number) + ", '" +
               std::string(text) + "');\n";
    };
    for (const auto& row : kEventTypes) name("type_name", static_cast<int>(row.type), row.name);
    for (const auto& row : kUserRoles) name("role_name", static_cast<int>(row.role), row.name);
    return sql;
}

}  // namespace

const Schema& schema() {
    static const std::string sql = tablesAndNames();
    static const Schema schema{kApplicationId,
                               {"follower", "schema_migration", "stay"},
                               {{auditMigrations().front().name, sql}},
                               auditViews(),
                               [](Database&) { return Result<void>(); }};
    return schema;
}

}  // namespace audit
}  // namespace parley
