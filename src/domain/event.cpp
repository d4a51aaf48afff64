#include <parley/domain/event.h>

#include <array>

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

}  // namespace parley
