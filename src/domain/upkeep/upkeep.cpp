#include "domain/new_event.h"

#include <parley/core/json.h>
#include <parley/core/json_writer.h>
#include <parley/domain/upkeep/upkeep.h>

#include <string>

namespace parley {
namespace {

Event systemEvent(EventType type) {
    return newEvent(type, ConversationId::fromStored(std::string(system_id::kConversation)),
                    UserId::fromStored(std::string(system_id::kActor)));
}

std::optional<std::int64_t> numberIn(const Json& object, const char* name) {
    const auto field = object.find(name);
    if (field == object.end() || !field->is_number_integer()) return std::nullopt;
    return field->get<std::int64_t>();
}

}  // namespace

Event auditRead(const AuditQuestion& question) {
    Event event = systemEvent(EventType::auditRead);
    event.data.clear();
    JsonWriter json(event.data);
    json.beginObject().field("what", question.what).rawField("filters", question.filters);
    json.rawField("by", question.by).endObject();
    return event;
}

Event retentionApplied(const RetentionSlice& slice) {
    Event event = systemEvent(EventType::retentionApplied);
    event.data = Json{{"setting", "retention.typing"},     {"retentionMs", slice.keep.count()},
                      {"before", toIso8601(slice.before)}, {"after", slice.after.value},
                      {"through", slice.through.value},    {"emptied", slice.emptied}}
                     .dump();
    return event;
}

std::optional<Emptied> emptiedBy(const Event& event) {
    if (event.type != EventType::retentionApplied) return std::nullopt;
    const auto data = parseJson(event.data);
    if (!data || !data->is_object()) return std::nullopt;
    const auto through = numberIn(*data, "through");
    const auto emptied = numberIn(*data, "emptied");
    if (!through || !emptied || *emptied < 0) return std::nullopt;
    return Emptied{{*through}, static_cast<std::size_t>(*emptied)};
}

}  // namespace parley
