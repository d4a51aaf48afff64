#include <parley/broadcast/wire_json.h>
#include <parley/core/json.h>

namespace parley::wire {
namespace {

void appendField(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    appendJsonString(out, text);
}

void appendTimeField(std::string& out, std::string_view name, UnixMillis at) {
    out += ",\"";
    out += name;
    out += "\":";
    appendTime(out, at);
}

void appendQuotedUuid(std::string& out, const Uuid& id) {
    out += '"';
    id.appendTo(out);
    out += '"';
}

template <typename List, typename Append>
void appendArray(std::string& out, const List& list, Append&& append) {
    out += '[';
    bool first = true;
    for (const auto& one : list) {
        if (!first) out += ',';
        first = false;
        append(one);
    }
    out += ']';
}

}  // namespace

void appendTime(std::string& out, UnixMillis at) {
    out += '"';
    appendIso8601(out, at);
    out += '"';
}

void appendParticipant(std::string& out, const Participant& participant) {
    out += "{\"userId\":";
    appendJsonString(out, participant.user.str());
    appendField(out, "userRole", roleName(participant.role));
    appendTimeField(out, "joinedAt", participant.joinedAt);
    out += '}';
}

void appendParticipants(std::string& out, const UserList<Participant>& participants) {
    appendArray(out, participants, [&](const auto& one) { appendParticipant(out, one); });
}

void appendOpenConversation(std::string& out, const ConversationState& conversation,
                            const ConversationFigures& figures) {
    out += "{\"id\":";
    appendJsonString(out, conversation.id.str());
    out += ",\"participantIds\":";
    appendArray(out, conversation.participants,
                [&](const auto& one) { appendJsonString(out, one.user.str()); });
    out += ",\"participantRoles\":";
    appendArray(out, conversation.participants,
                [&](const auto& one) { appendJsonString(out, roleName(one.role)); });
    out += ",\"messageCount\":";
    appendInt(out, figures.messageCount);
    appendTimeField(out, "lastMessageAt", figures.lastMessageAt);
    out += conversation.isActive ? ",\"isActive\":true" : ",\"isActive\":false";
    appendTimeField(out, "createdAt", conversation.createdAt);
    appendTimeField(out, "updatedAt", figures.updatedAt);
}

void appendConversation(std::string& out, const ConversationState& conversation,
                        const ConversationFigures& figures) {
    appendOpenConversation(out, conversation, figures);
    out += '}';
}

void appendMessage(std::string& out, const Event& message) {
    out += "{\"id\":";
    appendQuotedUuid(out, message.id);
    appendField(out, "conversationId", message.conversation.str());
    appendField(out, "fromUserId", message.actor.str());
    appendField(out, "fromRole", roleName(message.role.value_or(UserRole::customer)));
    appendField(out, "content", message.content ? std::string_view(*message.content) : "");
    appendField(out, "type", messageTypeName(message.messageType.value_or(MessageType::text)));
    appendTimeField(out, "timestamp", message.at);
    out += message.visible.value_or(true) ? ",\"isVisible\":true" : ",\"isVisible\":false";
    out += ",\"seq\":";
    appendInt(out, message.seq.value);
    out += ",\"position\":";
    appendInt(out, message.position.value);
    if (message.toRole) appendField(out, "toRole", roleName(*message.toRole));
    if (message.original) {
        out += ",\"originalMessageId\":";
        appendQuotedUuid(out, *message.original);
    }
    if (message.clientMessageId) {
        appendField(out, "clientMessageId", message.clientMessageId->str());
    }
    out += '}';
}

}  // namespace parley::wire
