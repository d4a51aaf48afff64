#include "gateway/presence/presence_json.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/json_writer.h>

namespace parley {
namespace {

void writeUser(JsonWriter& json, const PresentUser& user) {
    json.fieldOrNull("userId", user.user);
    json.key("userRole");
    user.role ? json.value(roleName(*user.role)) : json.null();
}

}  // namespace

std::string presenceJson(const PresenceBoard::News& news, bool whole) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().field("version", news.version).key("users").beginArray();
    for (const auto& one : news.users) {
        json.beginObject();
        writeUser(json, one.user);
        json.field("connections", one.connections).endObject();
    }
    json.endArray().key("watchers").beginArray();
    for (const auto& room : news.watchers) {
        json.beginObject().field("conversationId", room.conversation).key("users").beginArray();
        for (const auto& user : room.users) {
            json.beginObject();
            writeUser(json, user);
            json.endObject();
        }
        json.endArray().endObject();
    }
    json.endArray();
    if (whole) json.field("truncated", news.more);
    json.endObject();
    return out;
}

std::string typingJson(const TypingBoard::News& news) {
    std::string out;
    JsonWriter json(out);
    json.beginObject().key("conversations").beginArray();
    for (const auto& one : news.conversations) {
        json.beginObject().field("conversationId", one.id);
        wire::appendTyping(json.key("users").out(), one.users);
        json.field("count", static_cast<std::int64_t>(one.count)).endObject();
    }
    json.endArray().endObject();
    return out;
}

}  // namespace parley
