#include "gateway/history.h"

#include "gateway/json_page.h"

#include <parley/broadcast/wire_json.h>

#include <algorithm>

namespace parley {
namespace {

Result<HistoryPage> readPage(ReadContext& context, ConversationKey conversation,
                             const MessagePage& page, const Viewer& viewer) {
    JsonPage values;
    HistoryPage out;
    std::string json;
    auto end = context.events.messages(conversation, page, viewer, [&](const Event& message) {
        json.clear();
        wire::appendMessage(json, message);
        if (!values.add(json)) return false;
        out.newest = std::max(out.newest, message.position);
        out.oldest = values.size() == 1 ? message.position : std::min(out.oldest, message.position);
        return true;
    });
    if (!end) return end.error();
    out.end = *end;
    out.json = page.forward() ? values.array() : values.reversedArray();
    return out;
}

}  // namespace

Viewer viewerIn(ConversationKey conversation, bool dashboard, std::span<const Client::Room> rooms) {
    const auto room = std::find_if(rooms.begin(), rooms.end(), [&](const auto& one) {
        return one.conversation == conversation;
    });
    if (room != rooms.end()) return room->viewer;
    return {UserKey{0}, dashboard ? UserRole::supervisor : UserRole::customer};
}

Result<ConversationKey> conversationKey(ReadContext& context, const ConversationId& id) {
    auto key = context.events.find(id);
    if (!key) return key.error();
    if (!*key) {
        return Error{ErrorCode::conversation_not_found,
                     "there is no conversation \"" + id.str() + "\""};
    }
    return **key;
}

Result<HistoryPage> readHistory(ReadContext& context, const HistoryRequest& request,
                                const HistoryViewer& viewer) {
    auto key = conversationKey(context, request.conversation);
    if (!key) return key.error();
    return readPage(context, *key, request.page, viewerIn(*key, viewer.dashboard, viewer.rooms));
}

Result<HistoryPage> readHistory(ReadContext& context, const HistoryRequest& request,
                                const Viewer& viewer) {
    auto key = conversationKey(context, request.conversation);
    if (!key) return key.error();
    return readPage(context, *key, request.page, viewer);
}

}  // namespace parley
