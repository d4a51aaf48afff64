#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <optional>

namespace parley {

/// Single events that deciding a command needs, whoever may see them: what of them a client is
/// told is for the caller to check. Every event is in its type's current version. Each call is one
/// look into an index. Refuses as Database::query does, and with `storage_damaged` an event of a
/// type or a version that this program does not know. The writer's thread; sees what the open
/// transaction has stored.
class EventLookup {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit EventLookup(Database& db);

    /// The event `id`, of any type, where it is one of this conversation; else nothing.
    Result<std::optional<Event>> byId(ConversationKey conversation, const Uuid& id);
    /// The event at `position`; nothing where the log ends before it.
    Result<std::optional<Event>> at(Position position);
    /// The event that `author` sent under this clientMessageId; nothing where there is none.
    Result<std::optional<Event>> byClientMessageId(ConversationKey conversation, UserKey author,
                                                   const ClientMessageId& id);
    /// Whether the event at `position` has this fingerprint; also no where there is none.
    Result<bool> has(Position position, const Fingerprint& fingerprint);

private:
    Database& db_;
    SQLite::Statement byId_;
    SQLite::Statement at_;
    SQLite::Statement byClientMessageId_;
    SQLite::Statement hash_;
};

}  // namespace parley
