#include "app/transcript/entry.h"

#include <parley/core/json.h>
#include <parley/domain/visibility.h>

namespace parley::app::transcripts {
namespace {

std::string textIn(std::string_view object, const char* field) {
    const auto json = parseJson(object);
    if (!json || !json->is_object() || !json->contains(field)) return {};
    const Json& value = json->at(field);
    return value.is_string() ? value.get<std::string>() : std::string();
}

std::string leaving(const Event& event) {
    if (event.cause != cause::kRemoved) return event.actor.str() + " left";
    const std::string by = textIn(event.data, "by");
    return event.actor.str() + (by.empty() ? " was removed" : " was removed by " + by);
}

void addMarks(Entry& entry, const Event& event) {
    if (event.type == EventType::messageShared) {
        entry.marks.emplace_back("shared from a robot");
    }
    if (event.messageType == MessageType::system) entry.marks.emplace_back("system");
    if (event.toRole && event.type == EventType::messageSent) {
        entry.marks.emplace_back("to " + std::string(roleName(*event.toRole)));
    }
    if (!visibleToEveryCustomer(event)) entry.marks.emplace_back("not shown to customers");
}

}  // namespace

std::string startText(const Event& started, const char* field) {
    return started.content ? textIn(*started.content, field) : std::string();
}

std::optional<Entry> entryOf(const StoredEvent& stored) {
    const Event& event = stored.event;
    if (isTyping(event.type)) return std::nullopt;
    Entry entry{.position = event.position,
                .at = event.at,
                .hash = stored.hash,
                .author = {},
                .role = {},
                .marks = {},
                .written = {},
                .happened = {}};
    const std::string role = event.role ? std::string(roleName(*event.role)) : std::string();
    addMarks(entry, event);
    if (isMessage(event.type)) {
        entry.author = event.actor.str();
        entry.role = role;
        entry.written = event.content.value_or("");
        if (!event.content) entry.marks.emplace_back("its text was emptied");
    } else if (event.type == EventType::conversationStarted) {
        entry.happened = event.actor.str() + " began the conversation";
    } else if (event.type == EventType::participantJoined) {
        entry.happened = event.actor.str() + " joined as " + role;
    } else if (event.type == EventType::participantLeft) {
        entry.happened = leaving(event);
    } else {
        entry.happened = std::string(eventTypeName(event.type)) + " by " + event.actor.str();
    }
    return entry;
}

}  // namespace parley::app::transcripts
