#include "gateway/log/log_query.h"

#include <parley/core/json_writer.h>
#include <parley/core/try.h>
#include <parley/log/event_json.h>

#include <utility>

namespace parley {

Result<std::optional<LogFilter>> filterOf(ReadContext& context, const LogQuery& query) {
    LogFilter filter{.conversation = {}, .actor = {}, .types = query.types};
    if (query.conversation) {
        PARLEY_TRY_ASSIGN(filter.conversation, context.keys.find(*query.conversation));
        if (!filter.conversation) return std::optional<LogFilter>();
    }
    if (query.user) {
        PARLEY_TRY_ASSIGN(filter.actor, context.keys.find(*query.user));
        if (!filter.actor) return std::optional<LogFilter>();
    }
    return std::optional(std::move(filter));
}

Result<std::unique_ptr<LogPages>> pagesOf(ReadContext& context) {
    return context.db->query([&] { return std::make_unique<LogPages>(*context.db, context.seqs); });
}

std::string eventJson(const StoredEvent& stored) {
    std::string out;
    JsonWriter json(out);
    json.beginObject();
    appendEvent(json, stored);
    if (stored.commitment) json.field("emptied", true);
    json.endObject();
    return out;
}

}  // namespace parley
