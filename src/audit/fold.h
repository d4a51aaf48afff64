#pragma once

#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace parley::audit {

/// All tables that the fold writes.
std::vector<const char*> foldedTables();

/// The version of what they hold, from the versions of all of them.
int foldVersion();

/// Folds the log's events into the tables of audit.db (src/audit/tables/), inside a transaction
/// that the caller opens and commits. Its connection's thread. SQLite's exceptions pass through:
/// call inside Database::run.
class Fold {
public:
    /// REQUIRES: `db` has the schema's tables and outlives this.
    explicit Fold(SQLite::Database& db);
    ~Fold();
    Fold(const Fold&) = delete;
    Fold& operator=(const Fold&) = delete;

    /// Call before the first event of a transaction. `known`: the last conversation that earlier
    /// events are of.
    void begin(ConversationKey known);
    /// Takes in one event, and what was written where it is a message that has not been emptied.
    /// REQUIRES: all events of the log, in its order.
    void apply(const FoldableEvent& event, std::optional<std::string_view> content);
    /// Writes what was gathered. REQUIRED before the commit.
    void flush();
    /// Forgets everything, because the transaction was rolled back.
    void forget();

private:
    struct Tables;
    std::unique_ptr<Tables> tables_;
};

}  // namespace parley::audit
