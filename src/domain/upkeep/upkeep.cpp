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

}  // namespace parley
