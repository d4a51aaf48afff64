#include <parley/core/try.h>
#include <parley/domain/event_type.h>
#include <parley/domain/roles.h>
#include <parley/log/name_tables.h>

#include <map>
#include <string>
#include <string_view>

namespace parley {
namespace {

using Names = std::map<std::int64_t, std::string>;

Result<Names> read(Database& db, const std::string& table, const std::string& key) {
    return db.query([&] {
        Names names;
        SQLite::Statement rows(db.sqlite(), "SELECT " + key + ", name FROM " + table);
        while (rows.executeStep()) {
            names.emplace(rows.getColumn(0).getInt64(), rows.getColumn(1).getString());
        }
        return names;
    });
}

template <typename Rows>
Result<void> compare(Database& db, const std::string& table, const std::string& key,
                     const Rows& rows) {
    PARLEY_TRY_ASSIGN(const Names names, read(db, table, key));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto number = static_cast<std::int64_t>(i + 1);
        const auto found = names.find(number);
        if (found != names.end() && found->second == rows[i].name) continue;
        return Error{ErrorCode::storage_damaged,
                     "table " + table + ": number " + std::to_string(number) + " should be \"" +
                         std::string(rows[i].name) + "\", found " +
                         (found == names.end() ? "no row" : "\"" + found->second + "\"") +
                         ". Nothing was changed. Restore a backup"};
    }
    return {};
}

}  // namespace

Result<void> checkNameTables(Database& db) {
    PARLEY_TRY(compare(db, "event_type", "type", kEventTypes));
    PARLEY_TRY(compare(db, "user_role", "role", kUserRoles));
    return compare(db, "message_type", "type", kMessageTypes);
}

}  // namespace parley
