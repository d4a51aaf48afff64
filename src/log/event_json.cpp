#include <parley/core/flat_json.h>
#include <parley/core/json.h>
#include <parley/log/event_json.h>

#include <string_view>

namespace parley {
namespace {

// Whether the bytes can stand in a line as they are: a JSON object without a line feed. What the
// server stored always is one.
bool isObjectInOneLine(std::string_view data) {
    if (data == "{}") return true;
    if (data.find_first_of("\r\n") != std::string_view::npos) return false;
    FlatJson flat;
    if (flat.read(data)) return flat.size() == data.size();
    const auto json = parseJson(data);
    return json && json->is_object() && data.starts_with('{') && data.ends_with('}');
}

}  // namespace

void appendEvent(JsonWriter& json, const StoredEvent& stored) {
    const Event& event = stored.event;
    json.field("position", event.position.value)
        .field("conversationId", event.conversation)
        .field("seq", event.seq.value)
        .field("type", eventTypeName(event.type))
        .field("version", static_cast<std::int64_t>(event.version))
        .field("at", event.at)
        .field("actor", event.actor)
        .field("id", event.id);
    if (event.role) json.field("role", roleName(*event.role));
    if (event.messageType) json.field("messageType", messageTypeName(*event.messageType));
    if (event.toRole) json.field("toRole", roleName(*event.toRole));
    json.optionalField("isVisible", event.visible);
    json.optionalField("clientMessageId", event.clientMessageId);
    json.optionalField("originalMessageId", event.original);
    if (!event.cause.empty()) json.field("cause", std::string_view(event.cause));
    json.optionalField("key", stored.key);
    if (isObjectInOneLine(event.data)) {
        json.rawField("data", event.data);
    } else if (!event.data.empty()) {
        json.field("dataText", std::string_view(event.data));
    }
    if (event.content) json.field("content", std::string_view(*event.content));
    if (stored.salt) hexField(json, "salt", *stored.salt);
    if (stored.commitment) hexField(json, "commitment", *stored.commitment);
    hexField(json, "hash", stored.hash);
}

}  // namespace parley
