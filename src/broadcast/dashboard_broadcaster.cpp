#include "broadcast/event_frame.h"

#include <parley/broadcast/delivery.h>
#include <parley/broadcast/wire_json.h>
#include <parley/core/cursor.h>
#include <parley/core/json.h>

namespace parley {
namespace {

struct ToDashboard {
    std::vector<Delivery>& out;

    void operator()(const ConversationStarted& update) const {
        auto frame = beginEvent("conversation_created", 512);
        frame.out() += "{\"conversation\":";
        wire::appendConversation(frame.out(), update.conversation, update.conversation.figures);
        frame.out() += ",\"createdBy\":";
        appendJsonString(frame.out(), update.createdBy.str());
        frame.out() += ",\"initialParticipants\":";
        wire::appendParticipants(frame.out(), update.conversation.participants);
        // Rooms are told nothing of a start: with it, everything up to there is received.
        finish(frame, update.at, roomCursor(update.position, update.fingerprint));
    }

    void operator()(const ParticipantAdded& update) const {
        participantChanged("conversation_participant_added", "added", update);
    }

    void operator()(const ParticipantRemoved& update) const {
        participantChanged("conversation_participant_removed", "removed", update);
    }

    void operator()(const MessageAdded& update) const {
        auto frame = beginEvent("conversation_updated", 256);
        frame.out() += "{\"conversationId\":";
        appendJsonString(frame.out(), update.message->conversation.str());
        frame.out() += ",\"changes\":{\"messageCount\":";
        appendInt(frame.out(), update.messageCount);
        frame.out() += ",\"lastMessageAt\":";
        wire::appendTime(frame.out(), update.lastMessageAt);
        frame.out() += ",\"updatedAt\":";
        wire::appendTime(frame.out(), update.updatedAt);
        frame.out() += '}';
        finish(frame, update.message->at,
               dashboardCursor(update.message->position, update.message->fingerprint));
    }

    void operator()(const ParticipantReturned&) const {}
    void operator()(const TypingChanged&) const {}

    template <typename Update>
    void participantChanged(std::string_view name, std::string_view action,
                            const Update& update) const {
        auto frame = beginEvent(name, 256);
        frame.out() += "{\"conversationId\":";
        appendJsonString(frame.out(), update.conversation.str());
        frame.out() += ",\"participant\":";
        wire::appendParticipant(frame.out(), update.participant);
        frame.out() += ",\"action\":";
        appendJsonString(frame.out(), action);
        finish(frame, update.at, dashboardCursor(update.position, update.fingerprint));
    }

    void finish(engineio::FrameBuilder& frame, UnixMillis at, const Cursor& cursor) const {
        frame.out() += ",\"timestamp\":";
        wire::appendTime(frame.out(), at);
        frame.out() += '}';
        Delivery& delivery = out.emplace_back();
        delivery.cursor = cursor;
        delivery.frame = finishEvent(frame);
    }
};

}  // namespace

void DashboardBroadcaster::broadcast(const ProjectionUpdate& update, std::vector<Delivery>& out) {
    std::visit(ToDashboard{out}, update);
}

}  // namespace parley
