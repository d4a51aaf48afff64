#pragma once

#include "broadcast/event_frame.h"

#include <parley/broadcast/delivery.h>
#include <parley/broadcast/wire_json.h>
#include <parley/domain/answer.h>

#include <cstdint>
#include <vector>

/// What rooms and dashboards are told of messages. Any thread.
namespace parley::frames {

/// `new_message`, to the sender's connection too. Visibility is decided for each member.
inline void toRoom(const MessageAdded& update, ConnectionId, std::vector<Delivery>& out) {
    const Event& message = *update.message;
    EventFrame frame("new_message", 512 + (message.content ? message.content->size() : 0));
    const std::size_t from = frame.bytes();
    wire::appendMessage(frame.body().out(), message);
    const std::size_t bytes = frame.bytes() - from;
    out.push_back({.frame = frame.finish(),
                   .room = message.conversationKey,
                   .visible = visibleToEveryCustomer(message),
                   .author = message.actorKey,
                   .cursor = roomCursor(message.position, message.fingerprint),
                   .messageFrom = from,
                   .messageBytes = bytes});
}

/// `conversation_updated`: figures, never the content. `waitingSince` where the message begins or
/// ends a wait.
inline void toDashboards(const MessageAdded& update, std::vector<Delivery>& out) {
    const Event& message = *update.message;
    EventFrame frame("conversation_updated", 256);
    frame.body().beginObject().field("conversationId", message.conversation);
    frame.body().key("changes").beginObject();
    frame.body().field("messageCount", update.messageCount);
    frame.body().field("lastMessageAt", message.at);
    frame.body().field("updatedAt", message.at);
    if (update.beginsWait) frame.body().field("waitingSince", message.at);
    if (answers(message)) frame.body().key("waitingSince").null();
    frame.body().field("lastFromRole", roleName(message.role.value_or(UserRole::customer)));
    frame.body().endObject();
    frame.body().field("timestamp", message.at).endObject();
    out.push_back({.frame = frame.finish(),
                   .cursor = dashboardCursor(message.position, message.fingerprint)});
}

}  // namespace parley::frames
