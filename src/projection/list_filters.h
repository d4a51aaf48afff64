#pragma once

#include <parley/projection/conversation_list.h>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace parley {

/// What a list leaves out, as conditions of a query on `c`, the table `conversation`, and `k`,
/// which has its id. One thread. Everything throws SQLite::Exception: call it inside
/// Database::query.
class ListFilters {
public:
    /// A prefix that so many conversations have is not looked up: each row is asked instead.
    static constexpr std::size_t kMatchesMax = 1000;

    ListFilters(SQLite::Database& db, const ListRequest& request);

    /// " AND ..." for each condition.
    const std::string& sql() const { return sql_; }
    void bindTo(SQLite::Statement& statement) const;
    /// They leave few conversations, or somebody's own, which are found without a walk through all.
    bool areNarrow() const { return narrow_; }
    /// Also without those that wait.
    void leaveOutWaiting() { sql_ += " AND c.waiting_position IS NULL"; }

private:
    void addPrefix(SQLite::Database& db, const ListRequest& request);
    void add(const char* name, std::int64_t value) { numbers_.emplace_back(name, value); }
    void add(const char* name, std::string value) { texts_.emplace_back(name, std::move(value)); }

    std::string sql_;
    bool narrow_ = false;
    std::vector<std::pair<const char*, std::int64_t>> numbers_;
    std::vector<std::pair<const char*, std::string>> texts_;
};

}  // namespace parley
