#pragma once

#include <parley/domain/authorize.h>
#include <parley/domain/visibility.h>
#include <parley/engine/reader_pool.h>
#include <parley/log/read/message_page.h>

#include <optional>

namespace parley {

/// One state of the log for everything that is read while this lives: what a principal may read is
/// then as old as what is read. One at a time on a connection.
class ReadSnapshot {
public:
    explicit ReadSnapshot(Database& db)
        : db_(db), begun_(db.run([&] { db.sqlite().exec("BEGIN"); })) {}
    ~ReadSnapshot() { db_.rollback(); }
    ReadSnapshot(const ReadSnapshot&) = delete;
    ReadSnapshot& operator=(const ReadSnapshot&) = delete;
    const Result<void>& begun() const { return begun_; }

private:
    Database& db_;
    Result<void> begun_;
};

/// How a principal may read a conversation.
struct ReadAccess {
    ConversationKey conversation;
    Viewer viewer;
    std::optional<Position> upTo;  ///< nothing later than this; nothing: all of it
};

/// The viewer that a principal is, without any conversation. REQUIRES: its kind is not `none`. On a
/// reader's thread.
Result<Viewer> viewerOf(ReadContext& context, const Principal& principal);

/// Asks the authorization table whether the principal may do `action`, a read, with a conversation.
/// Refuses as the table says: what the principal may not know of is `conversation_not_found`, in
/// the same words as where there is none. On a reader's thread.
Result<ReadAccess> readAccess(ReadContext& context, const Principal& principal, Action action,
                              const ConversationId& conversation);

/// The page without what is later than `upTo`.
MessagePage bounded(const MessagePage& page, std::optional<Position> upTo);

}  // namespace parley
