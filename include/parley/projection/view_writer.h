#pragma once

#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace parley {

/// A table of the stored views, and how a walk takes its rows in ranges of its first key column.
struct ViewTable {
    const char* name;
    const char* key;
    std::int64_t step;  ///< keys in a range; larger where they are sparse
};

/// All tables of the stored views.
std::vector<ViewTable> viewTables();

/// The version of what the tables hold, from the versions of all of them. Tables that another
/// version wrote are rebuilt at the next start.
int projectionVersion();

/// Writes the stored views (src/projection/tables/) from events, inside the transaction that
/// appends them. What is counted is gathered and written once, by `flush`. Its connection's thread.
/// SQLite's exceptions pass through: call inside Database::run.
class ViewWriter {
public:
    /// REQUIRES: `db` has the views and outlives the writer.
    explicit ViewWriter(SQLite::Database& db);
    ~ViewWriter();
    ViewWriter(const ViewWriter&) = delete;
    ViewWriter& operator=(const ViewWriter&) = delete;

    /// Takes in one event. REQUIRES: all events of the log, in its order.
    void apply(const FoldableEvent& event);
    /// Writes what was gathered. REQUIRED before the commit.
    void flush();
    /// Forgets what was gathered, because the transaction was rolled back.
    void forget();
    /// Rows of which something was gathered.
    std::size_t gathered() const;

private:
    struct Tables;
    std::unique_ptr<Tables> tables_;
};

}  // namespace parley
