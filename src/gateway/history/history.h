#pragma once

#include "gateway/clients/rooms.h"
#include "gateway/history/json_page.h"
#include "gateway/history/read_access.h"

#include <parley/domain/principal.h>
#include <parley/engine/reader_pool.h>
#include <parley/gateway/calls/request_parser.h>

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace parley {

/// A client that asks for history over its socket: the users and roles it joined its rooms with.
struct HistoryViewer {
    bool dashboard = false;  ///< reads as staff what it has not joined
    std::vector<Subscription> rooms;
    PrincipalPtr principal{};  ///< null with auth.mode=none
};

/// The viewer a client reads a conversation as: the one it joined it as; a dashboard reads what it
/// has not joined as staff. Without `openMode`, only what it has joined: for the rest, readAccess
/// asks the authorization table.
std::optional<Viewer> viewerIn(ConversationKey conversation, bool dashboard,
                               std::span<const Subscription> rooms, bool openMode);

/// A page of a conversation's messages, bounded in bytes (json_page.h): cut at its far end, the
/// oldest or, where it goes forward, the newest.
struct HistoryPage {
    JsonPage messages;  ///< from where the page begins: the newest first, or the oldest
    Position oldest;    ///< of its messages; 0: it is empty
    Position newest;
    PageEnd end = PageEnd::reached;  ///< `refused`: it was cut for its size
    Position upTo;                   ///< the log's head when it was read
    bool live = true;                ///< its reader is told what is said later
    int skipped = 0;                 ///< messages, of MessagePage::offset
    std::deque<std::string> lead;    ///< the last of those that were skipped, in the same order

    std::size_t bytes() const;
};

/// The array of Messages that clients get, oldest first. `asked` is the request that read `page`.
std::string jsonOf(const HistoryPage& page, const MessagePage& asked);

/// The lane of the reader pool that a page waits in: rows that are skipped cost a look, too.
ReadSize sizeOf(const MessagePage& asked);

/// Reads a page as a client of a socket may see it. On a reader's thread. `lead`: how many of the
/// messages that `offset` skips are returned too, or fewer where they are large.
Result<HistoryPage> readHistory(ReadContext& context, const HistoryRequest& request,
                                const HistoryViewer& viewer, int lead);

/// Reads a page as `viewer` may see it. On a reader's thread.
Result<HistoryPage> readHistory(ReadContext& context, const MessagePage& page,
                                const ReadAccess& access);

/// A conversation's key, or `conversation_not_found`. On a reader's thread.
Result<ConversationKey> conversationKey(ReadContext& context, const ConversationId& id);

}  // namespace parley
