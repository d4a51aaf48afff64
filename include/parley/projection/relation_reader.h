#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/authorize.h>
#include <parley/log/database.h>
#include <parley/log/read/metadata_lookup.h>

#include <optional>
#include <utility>
#include <vector>

namespace parley {

/// What a user is to a conversation, and until when.
struct Standing {
    Relation relation = Relation::stranger;
    bool removed = false;  ///< a stranger that another user took out
    Position leftAt;       ///< the event by which the user left; 0: it takes part, or never did
};

/// Reads what users are to conversations. One thread; short transactions only.
class RelationReader {
public:
    /// REQUIRES: `db` has the views and outlives the reader. SQLite's exceptions pass through.
    explicit RelationReader(Database& db);

    /// REQUIRES: the conversation exists, so the relation is never `absent`. `user` 0: one that the
    /// log does not know, and so a stranger.
    Result<Standing> of(ConversationKey conversation, UserKey user);
    /// What `user` is to each conversation that they take or took part in, in the order of the
    /// conversations' numbers. The cost follows their number.
    Result<std::vector<std::pair<ConversationKey, Standing>>> all(UserKey user);
    /// The role that `user` joined with last, in whatever conversation; nothing: they never did.
    /// Likewise.
    Result<std::optional<UserRole>> lastRole(UserKey user);

private:
    Database& db_;
    MetadataLookup metadata_;
    SQLite::Statement stay_;
    SQLite::Statement conversations_;
    SQLite::Statement lastRole_;
};

}  // namespace parley
