#include <parley/core/error.h>
#include <parley/projection/conversation_list.h>

#include <charconv>

namespace parley {
namespace {

Error noPlace() {
    return {ErrorCode::invalid_value, "after must be what Link says, with the same sort"};
}

// Takes digits of a position off `text`.
std::optional<Position> takePosition(std::string_view& text) {
    Position position;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), position.value);
    if (error != std::errc() || position.value < 0 || position.value == INT64_MAX)
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return position;
}

std::optional<ListPlace::By> takeBy(std::string_view& text) {
    if (text.empty()) return std::nullopt;
    const char letter = text.front();
    text.remove_prefix(1);
    switch (letter) {
        case 'w': return ListPlace::By::waiting;
        case 'a': return ListPlace::By::activity;
        case 'c': return ListPlace::By::created;
        default: return std::nullopt;
    }
}

bool has(ListSort sort, const ListPlace& place) {
    const bool mixed = place.upTo.value != INT64_MAX;
    switch (place.by) {
        case ListPlace::By::waiting: return sort == ListSort::waiting && mixed;
        case ListPlace::By::activity: return sort != ListSort::created && !mixed;
        case ListPlace::By::created: break;
    }
    return sort != ListSort::created || !mixed;
}

}  // namespace

std::string textOf(const ListPlace& place) {
    const char letter = place.by == ListPlace::By::waiting    ? 'w'
                        : place.by == ListPlace::By::activity ? 'a'
                                                              : 'c';
    std::string text = letter + std::to_string(place.position.value);
    if (place.upTo.value != INT64_MAX) text += '-' + std::to_string(place.upTo.value);
    return text;
}

Result<ListPlace> parseListPlace(std::string_view text, ListSort sort) {
    const auto by = takeBy(text);
    if (!by) return noPlace();
    ListPlace place;
    place.by = *by;
    const auto position = takePosition(text);
    if (!position) return noPlace();
    place.position = *position;
    if (text.starts_with('-')) {
        text.remove_prefix(1);
        const auto upTo = takePosition(text);
        if (!upTo) return noPlace();
        place.upTo = *upTo;
    }
    if (!text.empty() || !has(sort, place)) return noPlace();
    return place;
}

}  // namespace parley
