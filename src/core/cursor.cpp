#include <parley/core/cursor.h>
#include <parley/core/json.h>

#include <charconv>

namespace parley {
namespace {

constexpr std::string_view kHalf = ".5";

}  // namespace

std::optional<Cursor> parseCursor(std::string_view text) {
    const bool half = text.ends_with(kHalf);
    if (half) text.remove_suffix(kHalf.size());
    const bool canonical = text == "0" || (!text.empty() && text[0] >= '1' && text[0] <= '9');
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!canonical || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (half && value == INT64_MAX) return std::nullopt;
    return Cursor{{value}, {value + (half ? 1 : 0)}};
}

void appendRoomCursor(std::string& out, Position position) {
    appendInt(out, position.value);
}

void appendDashboardCursor(std::string& out, Position position) {
    appendInt(out, position.value - 1);
    out += kHalf;
}

}  // namespace parley
