#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3_session;

namespace parley {

/// What a transaction changes in some tables, by SQLite's session extension: recorded on one node,
/// carried out on another (https://www.sqlite.org/sessionintro.html). Writer's thread only.
class ChangesetRecorder {
public:
    /// The tables have primary keys. `db` outlives this.
    ChangesetRecorder(Database& db, std::vector<std::string> tables);

    /// Records from here on. REQUIRES: the transaction has changed none of the tables.
    Result<void> begin();
    /// What has changed since; empty: nothing. Goes on recording.
    Result<std::string> changes();
    /// Records no longer, and forgets.
    void end() { session_.reset(); }

private:
    struct Delete {
        void operator()(sqlite3_session* session) const;
    };
    Database& db_;
    const std::vector<std::string> tables_;
    std::unique_ptr<sqlite3_session, Delete> session_;
};

/// A row that a changeset has changed, by the first two columns of its primary key, each as text.
struct ChangedRow {
    std::string_view table;
    std::string first;
    std::string second;  ///< empty: the key has one column
};

/// Carries out a changeset, in the open transaction: all of it, or none and an error. Refuses with
/// `storage_damaged` one that does not fit the rows that are there, that changes another table than
/// `tables`, or that is damaged.
Result<void> applyChangeset(Database& db, std::string_view changes,
                            const std::vector<std::string>& tables);
/// Calls `each` for every row that the changeset changes. Refuses as above one that is damaged.
Result<void> eachChangedRow(std::string_view changes,
                            const std::function<void(const ChangedRow&)>& each);

}  // namespace parley
