#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <optional>

namespace parley {

/// The log's numbers of texts, for readers. The writer asks EventLog, which remembers them. Each
/// call is one look into an index, and sees what was committed when it began. One thread at a time.
class KeyLookup {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit KeyLookup(Database& db);

    /// The number of `id`; nothing where the log has no event of it. A number never changes: the
    /// caller may keep it. Nothing is never to be kept: the next event may bring it.
    Result<std::optional<ConversationKey>> find(const ConversationId& id);
    Result<std::optional<UserKey>> find(const UserId& id);

private:
    Database& db_;
    SQLite::Statement conversation_;
    SQLite::Statement user_;
};

}  // namespace parley
