#pragma once

#include <parley/domain/authorize.h>
#include <parley/domain/visibility.h>
#include <parley/engine/reader_pool.h>
#include <parley/log/read/message_page.h>

#include <optional>

namespace parley {

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
