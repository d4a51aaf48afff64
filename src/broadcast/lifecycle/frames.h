#pragma once

#include "broadcast/event_frame.h"

#include <parley/broadcast/delivery.h>
#include <parley/broadcast/wire_json.h>

#include <cstdint>
#include <vector>

/// What rooms and dashboards are told of a conversation's beginning and end. Any thread.
namespace parley::frames {

/// Nobody is in the room yet.
inline void toRoom(const ConversationStarted&, ConnectionId, std::vector<Delivery>&) {}

/// `conversation_created`. Its cursor is the room's: rooms are told nothing of a start, so with
/// this frame a client has received everything up to there.
inline void toDashboards(const ConversationStarted& update, std::vector<Delivery>& out) {
    const ConversationState& conversation = update.conversation;
    EventFrame frame("conversation_created", 512);
    frame.body().beginObject();
    wire::appendConversation(frame.body().key("conversation").out(), conversation,
                             conversation.figures, Viewer::of(UserKey{0}, UserRole::supervisor));
    frame.body().field("createdBy", update.event->actor);
    wire::appendParticipants(frame.body().key("initialParticipants").out(),
                             conversation.participants);
    frame.body().field("timestamp", update.event->at).endObject();
    out.push_back({.frame = frame.finish(),
                   .cursor = roomCursor(update.last->position, update.last->fingerprint)});
}

}  // namespace parley::frames
