#include "gateway/history.h"

#include <algorithm>

#include <parley/broadcast/wire_json.h>

namespace parley {
namespace {

Result<std::string> pageJson(ReadContext& context, ConversationKey conversation,
                             const MessagePage& page, const Viewer& viewer) {
    auto messages = context.events.messages(conversation, page, viewer);
    if (!messages) return messages.error();
    std::string out = "[";
    for (const auto& message : *messages) {
        if (out.size() > 1) out += ',';
        wire::appendMessage(out, message);
    }
    out += ']';
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

Result<std::string> historyJson(ReadContext& context, const HistoryRequest& request,
                                const HistoryViewer& viewer) {
    auto key = conversationKey(context, request.conversation);
    if (!key) return key.error();
    return pageJson(context, *key, request.page, viewerIn(*key, viewer.dashboard, viewer.rooms));
}

Result<std::string> historyJson(ReadContext& context, const HistoryRequest& request,
                                const Viewer& viewer) {
    auto key = conversationKey(context, request.conversation);
    if (!key) return key.error();
    return pageJson(context, *key, request.page, viewer);
}

}  // namespace parley
