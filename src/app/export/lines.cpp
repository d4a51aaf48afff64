#include "app/export/lines.h"

#include <parley/core/flat_json.h>
#include <parley/core/hex.h>
#include <parley/core/json.h>
#include <parley/core/json_writer.h>

#include <span>
#include <string_view>

namespace parley::app::exports {
namespace {

// A field of hex digits, written without a temporary string.
template <typename Name>
void hexField(JsonWriter& json, const Name& name, std::span<const std::uint8_t> bytes) {
    json.key(name);
    std::string& out = json.out();
    out += '"';
    for (const auto byte : bytes) appendHex(out, byte);
    out += '"';
}

template <typename Name>
void markField(JsonWriter& json, const Name& name, const Mark& mark) {
    json.key(name).beginObject().field("position", mark.position.value);
    hexField(json, "hash", mark.hash);
    json.endObject();
}

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

void filtersField(JsonWriter& json, const Filters& filters) {
    json.key("filters").beginObject();
    if (!filters.conversations.empty()) {
        json.key("conversations").beginArray();
        for (const auto& one : filters.conversations) json.value(one);
        json.endArray();
    }
    json.optionalField("user", filters.user);
    json.optionalField("from", filters.from);
    json.optionalField("to", filters.to);
    json.optionalField("viewer", filters.viewer);
    if (filters.role) json.field("role", roleName(*filters.role));
    json.endObject();
}

}  // namespace

void append(std::string& out, const Beginning& beginning) {
    JsonWriter json(out);
    json.beginObject().field("format", "parley-export").field("version", 1);
    json.field("whole", beginning.whole).key("origin");
    if (beginning.origin) {
        json.beginObject().field("id", beginning.originId);
        hexField(json, "hash", beginning.origin->hash);
        json.endObject();
    } else {
        json.null();
    }
    markField(json, "after", beginning.after);
    markField(json, "through", beginning.through);
    filtersField(json, beginning.filters);
    json.endObject();
    out += '\n';
}

void append(std::string& out, const StoredEvent& stored) {
    const Event& event = stored.event;
    JsonWriter json(out);
    json.beginObject()
        .field("position", event.position.value)
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
    json.endObject();
    out += '\n';
}

void appendEnd(std::string& out, std::int64_t events, const Mark& through) {
    JsonWriter json(out);
    json.beginObject().field("format", "parley-export-end").field("events", events);
    json.field("position", through.position.value);
    hexField(json, "hash", through.hash);
    json.endObject();
    out += '\n';
}

}  // namespace parley::app::exports
