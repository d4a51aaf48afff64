#include "domain/new_event.h"

#include <parley/core/json.h>
#include <parley/domain/upkeep/upkeep.h>

#include <string>

namespace parley {

Event retentionApplied(const RetentionSlice& slice) {
    Event event = newEvent(EventType::retentionApplied,
                           ConversationId::fromStored(std::string(system_id::kConversation)),
                           UserId::fromStored(std::string(system_id::kActor)));
    event.data = Json{{"setting", "retention.typing"},     {"retentionMs", slice.keep.count()},
                      {"before", toIso8601(slice.before)}, {"after", slice.after.value},
                      {"through", slice.through.value},    {"emptied", slice.emptied}}
                     .dump();
    return event;
}

}  // namespace parley
