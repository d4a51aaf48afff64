#include <array>

#include <parley/domain/event.h>

namespace parley {
namespace {

constexpr std::array<std::string_view, kEventTypeCount> kNames{
    "conversation_started", "participant_joined", "participant_left", "message_sent",
    "typing_started",       "typing_stopped",     "message_shared",   "retention_applied",
};

}  // namespace

std::string_view eventTypeName(EventType type) {
    return kNames[static_cast<std::size_t>(type) - 1];
}

std::optional<EventType> parseEventType(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<EventType>(i + 1);
    }
    return std::nullopt;
}

}  // namespace parley
