#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/authorize.h>
#include <parley/domain/roles.h>
#include <parley/log/database.h>
#include <parley/log/read/metadata_lookup.h>

#include <vector>

namespace parley {

/// What a user is to a conversation, and until when.
struct Standing {
    Relation relation = Relation::stranger;
    bool removed = false;  ///< a stranger that another user took out
    Position leftAt;       ///< the event by which the user left; 0: it takes part, or never did
};

/// A conversation that a user takes or took part in.
struct Part {
    ConversationKey conversation;
    UserRole role = UserRole::customer;  ///< in which the user joined it last
    Standing standing;
};

/// Reads what users are to conversations. One thread; short transactions only.
class RelationReader {
public:
    /// REQUIRES: `db` has the views and outlives the reader. SQLite's exceptions pass through.
    explicit RelationReader(Database& db);

    /// REQUIRES: the conversation exists, so the relation is never `absent`. `user` 0: one that the
    /// log does not know, and so a stranger.
    Result<Standing> of(ConversationKey conversation, UserKey user);
    /// Each conversation that `user` takes or took part in, in the order of their numbers. The cost
    /// follows how many there are.
    Result<std::vector<Part>> all(UserKey user);

private:
    Result<Standing> standingOf(const Part& part, bool removal);

    Database& db_;
    MetadataLookup metadata_;
    SQLite::Statement stay_;
    SQLite::Statement parts_;
};

}  // namespace parley
