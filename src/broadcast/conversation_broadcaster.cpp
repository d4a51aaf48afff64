#include "broadcast/event_frame.h"

#include <parley/broadcast/delivery.h>
#include <parley/broadcast/wire_json.h>
#include <parley/core/cursor.h>
#include <parley/core/json.h>

namespace parley {
namespace {

struct ToRoom {
    std::uint64_t sender;
    std::vector<Delivery>& out;

    void operator()(const ConversationStarted&) const {}  // nobody is in the room yet

    void operator()(const ParticipantAdded& update) const {
        joined(update.conversation, update.conversationKey, update.participant,
               roomCursor(update.position, update.fingerprint));
    }

    void operator()(const ParticipantReturned& update) const {
        joined(update.conversation, update.conversationKey, update.participant, std::nullopt);
    }

    void operator()(const ParticipantRemoved& update) const {
        auto frame = beginEvent("user_left", 160);
        frame.out() += "{\"conversationId\":";
        appendJsonString(frame.out(), update.conversation.str());
        frame.out() += ",\"userId\":";
        appendJsonString(frame.out(), update.participant.user.str());
        frame.out() += '}';
        add(frame, update.conversationKey, sender, roomCursor(update.position, update.fingerprint));
    }

    void operator()(const MessageAdded& update) const {
        const Event& message = *update.message;
        auto frame =
            beginEvent("new_message", 512 + (message.content ? message.content->size() : 0));
        const std::size_t from = frame.packetBytes();
        wire::appendMessage(frame.out(), message);
        const std::size_t bytes = frame.packetBytes() - from;
        auto& delivery = add(frame, message.conversationKey, 0,
                             roomCursor(message.position, message.fingerprint));
        delivery.visible = message.visible.value_or(true);
        delivery.author = message.actorKey;
        delivery.messageFrom = from;
        delivery.messageBytes = bytes;
    }

    void operator()(const TypingChanged& update) const {
        auto frame = beginEvent("user_typing", 256);
        frame.out() += "{\"conversationId\":";
        appendJsonString(frame.out(), update.conversation.str());
        frame.out() += ",\"userId\":";
        appendJsonString(frame.out(), update.user.str());
        frame.out() += ",\"userName\":";
        appendJsonString(frame.out(), update.userName);
        frame.out() += update.isTyping ? ",\"isTyping\":true}" : ",\"isTyping\":false}";
        Delivery& delivery = out.emplace_back();
        delivery.frame = finishEvent(frame, /*droppable=*/true);
        delivery.room = update.conversationKey;
        delivery.except = update.typedOn != 0 ? update.typedOn : sender;
    }

    void joined(const ConversationId& conversation, ConversationKey key,
                const Participant& participant, const std::optional<Cursor>& cursor) const {
        auto frame = beginEvent("user_joined", 256);
        frame.out() += "{\"conversationId\":";
        appendJsonString(frame.out(), conversation.str());
        frame.out() += ",\"participant\":";
        wire::appendParticipant(frame.out(), participant);
        frame.out() += '}';
        add(frame, key, sender, cursor);
    }

    // No cursor: what it tells is not in the log.
    Delivery& add(engineio::FrameBuilder& frame, ConversationKey room, std::uint64_t except,
                  const std::optional<Cursor>& cursor) const {
        Delivery& delivery = out.emplace_back();
        delivery.room = room;
        delivery.except = except;
        delivery.cursor = cursor;
        delivery.frame = finishEvent(frame);
        return delivery;
    }
};

}  // namespace

void ConversationBroadcaster::broadcast(const ProjectionUpdate& update, std::uint64_t sender,
                                        std::vector<Delivery>& out) {
    std::visit(ToRoom{sender, out}, update);
}

}  // namespace parley
