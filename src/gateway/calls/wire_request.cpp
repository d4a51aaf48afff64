#include <parley/gateway/calls/wire_request.h>

#include <array>

namespace parley {
namespace {

struct Row {
    std::string_view name;
    bool repliesByEvent;
};

constexpr std::array kRows{
    Row{"join_room", true},           Row{"leave_room", true},     Row{"send_message", false},
    Row{"typing_start", false},       Row{"typing_stop", false},   Row{"get_messages", true},
    Row{"share_robot_message", true}, Row{"join_dashboard", true}, Row{"leave_dashboard", true},
};

}  // namespace

std::string_view wireRequestName(WireRequest request) {
    return kRows[static_cast<std::size_t>(request)].name;
}

std::optional<WireRequest> parseWireRequest(std::string_view name) {
    for (std::size_t i = 0; i < kRows.size(); ++i) {
        if (kRows[i].name == name) return static_cast<WireRequest>(i);
    }
    return std::nullopt;
}

bool repliesByEvent(WireRequest request) {
    return kRows[static_cast<std::size_t>(request)].repliesByEvent;
}

}  // namespace parley
