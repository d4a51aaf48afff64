#pragma once

#include "gateway/clients/rooms.h"
#include "gateway/history/json_page.h"

#include <parley/engine/reader_pool.h>
#include <parley/gateway/calls/request_parser.h>

#include <deque>
#include <span>
#include <string>
#include <vector>

namespace parley {

/// A client that asks for history over its socket: the users and roles it joined its rooms with.
struct HistoryViewer {
    bool dashboard = false;  ///< reads as staff what it has not joined
    std::vector<Subscription> rooms;
};

/// The viewer a client reads a conversation as: the one it joined it as; a dashboard reads what it
/// has not joined as staff.
Viewer viewerIn(ConversationKey conversation, bool dashboard, std::span<const Subscription> rooms);

/// A page of a conversation's messages, bounded in bytes (json_page.h): cut at its far end, the
/// oldest or, where it goes forward, the newest.
struct HistoryPage {
    JsonPage messages;  ///< from where the page begins: the newest first, or the oldest
    Position oldest;    ///< of its messages; 0: it is empty
    Position newest;
    PageEnd end = PageEnd::reached;  ///< `refused`: it was cut
    Position upTo;                   ///< all up to here had been said when it was read
    int skipped = 0;                 ///< of MessagePage::offset
    std::deque<std::string> lead;    ///< the last of those that were skipped, in the same order

    std::size_t bytes() const;
};

/// The array of Messages that clients get, oldest first. `page` is what was `asked` for.
std::string jsonOf(const HistoryPage& page, const MessagePage& asked);

/// Where a read of it waits: rows that are skipped are looked at too.
ReadSize sizeOf(const MessagePage& asked);

/// On a reader's thread. `lead`: how many of the messages that `offset` skips are wanted too; fewer
/// where they are large.
Result<HistoryPage> readHistory(ReadContext& context, const HistoryRequest& request,
                                const HistoryViewer& viewer, int lead);

/// The same for a viewer that is known.
Result<HistoryPage> readHistory(ReadContext& context, const HistoryRequest& request,
                                const Viewer& viewer);

/// The number of a conversation, or why there is none.
Result<ConversationKey> conversationKey(ReadContext& context, const ConversationId& id);

}  // namespace parley
