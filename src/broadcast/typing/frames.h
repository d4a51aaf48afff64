#pragma once

#include "broadcast/event_frame.h"

#include <parley/broadcast/delivery.h>

#include <cstdint>
#include <vector>

/// What rooms are told of typing. Any thread.
namespace parley::frames {

/// `user_typing`, without the connection that typed. A slow client may miss it, and it has no
/// cursor: a client that comes back is told who types now.
inline void toRoom(const TypingChanged& update, ConnectionId sender, std::vector<Delivery>& out) {
    EventFrame frame("user_typing", 256);
    frame.body().beginObject().field("conversationId", update.conversation);
    frame.body().field("userId", update.user).field("userName", update.userName);
    frame.body().field("isTyping", update.isTyping).endObject();
    out.push_back({.frame = frame.finish(/*droppable=*/true),
                   .room = update.conversationKey,
                   .except = update.typedOn ? update.typedOn : sender,
                   .visible = update.visible});
}

/// Dashboards that ask for it are told in turns, by the gateway: there is too much of it.
inline void toDashboards(const TypingChanged&, std::vector<Delivery>&) {}

}  // namespace parley::frames
