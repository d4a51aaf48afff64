#pragma once

#include <parley/broadcast/wire_json.h>
#include <parley/projection/view_reader.h>

#include <string>

namespace parley {

/// A Conversation as REST shows it to `viewer`, with title and description. Any thread.
inline std::string conversationJson(const ConversationRow& row, const Viewer& viewer) {
    std::string json;
    wire::appendConversation(json, row.state, row.figures, viewer,
                             {.title = row.title, .description = row.description});
    return json;
}

}  // namespace parley
