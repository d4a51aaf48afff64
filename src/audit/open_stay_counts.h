#pragma once

#include "audit/open_stays.h"

#include <parley/log/database.h>
#include <parley/log/execute.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace parley::audit {

/// In how many conversations each user is. The thread of its connection. SQLite's exceptions pass
/// through: call inside Database::run.
class OpenStayCounts {
public:
    /// REQUIRES: `db` has the schema's tables and outlives this.
    explicit OpenStayCounts(SQLite::Database& db)
        : last_(db,
                "SELECT open_stays FROM user_event WHERE user = ?1 AND open_stays IS NOT NULL"
                " ORDER BY position DESC LIMIT 1") {}

    /// Takes in what the next event changed: in how many conversations its actor is now; nothing
    /// where that is as before.
    std::optional<std::int64_t> after(const FoldableEvent& event, const StayChange& changed) {
        if (!changed.begun && !changed.ended) return std::nullopt;
        const auto [kept, isNew] = counts_.try_emplace(event.actorKey, 0);
        if (isNew) kept->second = numberFrom(last_, event.actorKey.value).value_or(0);
        // Another role ends a stay and begins one.
        return kept->second += (changed.begun ? 1 : 0) - (changed.ended ? 1 : 0);
    }
    /// Call once the rows of these events are in `user_event`.
    void endChunk() {
        if (counts_.size() > kUsersKept) counts_.clear();
    }
    /// Forgets them all, because a transaction was rolled back.
    void forget() { counts_.clear(); }

private:
    static constexpr std::size_t kUsersKept = 65'536;

    std::unordered_map<UserKey, std::int64_t> counts_;  // of users who came up lately
    SQLite::Statement last_;
};

}  // namespace parley::audit
