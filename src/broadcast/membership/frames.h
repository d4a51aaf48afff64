#pragma once

#include "broadcast/event_frame.h"

#include <parley/broadcast/delivery.h>
#include <parley/broadcast/wire_json.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// What rooms and dashboards are told of participants. Any thread.
namespace parley::frames {

/// `user_joined`, without the connection that joined. `cursor`: none where no event tells of it.
inline void userJoined(const ConversationId& conversation, ConversationKey room,
                       const Participant& participant, ConnectionId sender,
                       const std::optional<Cursor>& cursor, std::vector<Delivery>& out) {
    EventFrame frame("user_joined", 256);
    frame.body().beginObject().field("conversationId", conversation);
    wire::appendParticipant(frame.body().key("participant").out(), participant);
    frame.body().endObject();
    out.push_back({.frame = frame.finish(),
                   .room = room,
                   .except = sender,
                   .visible = !participant.hidden,
                   .cursor = cursor});
}

inline void toRoom(const ParticipantAdded& update, ConnectionId sender,
                   std::vector<Delivery>& out) {
    const Event& event = *update.event;
    userJoined(event.conversation, event.conversationKey, update.participant, sender,
               roomCursor(event.position, event.fingerprint), out);
}

inline void toRoom(const ParticipantReturned& update, ConnectionId sender,
                   std::vector<Delivery>& out) {
    userJoined(update.conversation, update.conversationKey, update.participant, sender,
               std::nullopt, out);
}

/// `user_left`, without the connection that asked for it.
inline void toRoom(const ParticipantRemoved& update, ConnectionId sender,
                   std::vector<Delivery>& out) {
    const Event& event = *update.event;
    EventFrame frame("user_left", 160);
    frame.body().beginObject().field("conversationId", event.conversation);
    frame.body().field("userId", update.participant.user).endObject();
    out.push_back({.frame = frame.finish(),
                   .room = event.conversationKey,
                   .except = sender,
                   .visible = !update.participant.hidden,
                   .cursor = roomCursor(event.position, event.fingerprint)});
}

/// `conversation_participant_added` and `conversation_participant_removed`.
template <typename Update>
void participantChanged(std::string_view name, std::string_view action, const Update& update,
                        std::vector<Delivery>& out) {
    const Event& event = *update.event;
    EventFrame frame(name, 256);
    frame.body().beginObject().field("conversationId", event.conversation);
    wire::appendParticipant(frame.body().key("participant").out(), update.participant);
    frame.body().field("action", action).field("timestamp", event.at).endObject();
    out.push_back(
        {.frame = frame.finish(), .cursor = dashboardCursor(event.position, event.fingerprint)});
}

inline void toDashboards(const ParticipantAdded& update, std::vector<Delivery>& out) {
    participantChanged("conversation_participant_added", "added", update, out);
}

inline void toDashboards(const ParticipantRemoved& update, std::vector<Delivery>& out) {
    participantChanged("conversation_participant_removed", "removed", update, out);
}

/// Dashboards count participants, not their connections.
inline void toDashboards(const ParticipantReturned&, std::vector<Delivery>&) {}

}  // namespace parley::frames
