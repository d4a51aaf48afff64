#include <parley/broadcast/wire_json.h>
#include <parley/core/json_writer.h>

namespace parley::wire {
namespace {

void write(JsonWriter& json, const Participant& participant) {
    json.beginObject().field("userId", participant.user);
    json.field("userRole", roleName(participant.role));
    json.field("joinedAt", participant.joinedAt).endObject();
}

}  // namespace

void appendParticipant(std::string& out, const Participant& participant) {
    JsonWriter json(out);
    write(json, participant);
}

void appendParticipants(std::string& out, const UserList<Participant>& participants) {
    JsonWriter json(out);
    json.beginArray();
    for (const auto& one : participants) write(json, one);
    json.endArray();
}

void appendConversation(std::string& out, const ConversationState& conversation,
                        const ConversationFigures& figures, const Viewer& viewer,
                        const ConversationTexts& texts) {
    JsonWriter json(out);
    json.beginObject().field("id", conversation.id).key("participantIds").beginArray();
    for (const auto& one : conversation.participants) {
        if (sees(viewer, one)) json.value(one.user);
    }
    json.endArray().key("participantRoles").beginArray();
    for (const auto& one : conversation.participants) {
        if (sees(viewer, one)) json.value(roleName(one.role));
    }
    json.endArray().field("messageCount", figures.messageCount);
    json.field("lastMessageAt", figures.lastMessageAt);
    json.field("isActive", conversation.isActive);
    json.field("createdAt", conversation.createdAt);
    json.field("updatedAt", figures.updatedAt);
    json.optionalField("title", texts.title).optionalField("description", texts.description);
    json.endObject();
}

void appendTyping(std::string& out, const std::vector<TypingUser>& typing) {
    JsonWriter json(out);
    json.beginArray();
    for (const auto& one : typing) {
        json.beginObject().field("userId", one.user).field("userName", one.userName).endObject();
    }
    json.endArray();
}

void appendAsOf(std::string& out, const LogMoment& moment, bool emptied) {
    JsonWriter json(out);
    json.beginObject().field("position", moment.position.value).field("at", moment.at);
    json.field("emptied", emptied).endObject();
}

void appendMessage(std::string& out, const Event& message) {
    appendMessage(out, message, std::nullopt);
}

void appendMessage(std::string& out, const Event& message, std::optional<Position> sharedAt) {
    JsonWriter json(out);
    json.beginObject().field("id", message.id);
    json.field("conversationId", message.conversation);
    json.field("fromUserId", message.actor);
    json.field("fromRole", roleName(message.role.value_or(UserRole::customer)));
    json.field("content", message.content ? std::string_view(*message.content) : "");
    json.field("type", messageTypeName(message.messageType.value_or(MessageType::text)));
    json.field("timestamp", message.at);
    json.field("isVisible", visibleToEveryCustomer(message));
    json.field("seq", message.seq.value).field("position", message.position.value);
    if (message.toRole) json.field("toRole", roleName(*message.toRole));
    json.optionalField("originalMessageId", message.original);
    json.optionalField("clientMessageId", message.clientMessageId);
    if (sharedAt) json.field("sharedPosition", sharedAt->value);
    json.endObject();
}

}  // namespace parley::wire
