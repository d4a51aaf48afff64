#pragma once

#include <span>
#include <string>
#include <vector>

#include <parley/engine/reader_pool.h>
#include <parley/gateway/request_parser.h>

#include "gateway/client.h"

namespace parley {

/// Who asks for history over a socket: as whom they joined which conversations.
struct HistoryViewer {
    bool dashboard = false;  ///< reads as staff what it has not joined
    std::vector<Client::Room> rooms;
};

/// As whom a conversation is read: as who joined it; dashboards read the others as staff.
Viewer viewerIn(ConversationKey conversation, bool dashboard, std::span<const Client::Room> rooms);

/// A JSON array of Messages, oldest first. On a reader's thread.
Result<std::string> historyJson(ReadContext& context, const HistoryRequest& request,
                                const HistoryViewer& viewer);

/// The same for a viewer that is known.
Result<std::string> historyJson(ReadContext& context, const HistoryRequest& request,
                                const Viewer& viewer);

/// The number of a conversation, or why there is none.
Result<ConversationKey> conversationKey(ReadContext& context, const ConversationId& id);

}  // namespace parley
