#include "app/export/lines.h"

#include <parley/core/json_writer.h>
#include <parley/log/event_json.h>

namespace parley::app::exports {
namespace {

template <typename Name>
void markField(JsonWriter& json, const Name& name, const Mark& mark) {
    json.key(name).beginObject().field("position", mark.position.value);
    hexField(json, "hash", mark.hash);
    json.endObject();
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
    JsonWriter json(out);
    json.beginObject();
    appendEvent(json, stored);
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
