#include "app/show/formats.h"

#include <parley/broadcast/wire_json.h>
#include <parley/core/json_writer.h>
#include <parley/core/try.h>

#include <string>

namespace parley::app::show_command {
namespace {

void writeState(JsonWriter& json, const Shown& shown) {
    const auto& row = shown.conversation->row;
    wire::appendConversation(json.key("conversation").out(), row.state, row.figures, shown.viewer,
                             {.title = row.title, .description = row.description});
    json.key("participants").beginArray();
    for (const auto& one : row.state.participants) {
        if (sees(shown.viewer, one)) wire::appendParticipant(json.out(), one);
    }
    json.endArray();
    wire::appendTyping(json.key("typing").out(), typingFor(row.state, shown.viewer));
}

std::string head(const Shown& shown) {
    std::string text;
    JsonWriter json(text);
    json.beginObject();
    wire::appendAsOf(json.key("asOf").out(), shown.moment,
                     shown.conversation && shown.conversation->emptied);
    if (shown.user) {
        json.key("viewer").beginObject().field("userId", *shown.user);
        json.field("userRole", roleName(shown.viewer.role())).endObject();
    }
    if (shown.conversation) writeState(json, shown);
    json.key("messages").beginArray();
    return text;
}

}  // namespace

Result<void> printJson(std::ostream& out, PastReading& reading, const Shown& shown) {
    out << head(shown);
    std::string text;
    bool first = true;
    PARLEY_TRY(reading.messages(shown, [&](const Event& message, std::optional<Position> shared) {
        text.clear();
        wire::appendMessage(text, message, shared);
        out << (first ? "" : ",") << text;
        first = false;
    }));
    out << "]}\n";
    return {};
}

}  // namespace parley::app::show_command
