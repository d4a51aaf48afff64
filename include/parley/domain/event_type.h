#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace parley {

/// What can happen. The numbers are stored in the log; domain/events.def has one row a type.
enum class EventType : std::uint8_t {
#define EVENT(number, constant, ...) constant = number,
#include <parley/domain/events.def>
};

/// The folder below domain/ that holds everything Parley knows about a type.
enum class EventFamily : std::uint8_t { message, membership, typing, lifecycle, upkeep };

/// What code outside a type's family needs to know about it.
enum class EventKind : std::uint8_t {
    message,     ///< a message that people read: history, counts and visibility apply to it
    membership,  ///< its actor joins, leaves or changes role
    typing,      ///< passing: never sent twice, emptied by retention
    other,
};

/// One row of domain/events.def.
struct EventTypeRow {
    EventType type;
    std::string_view name;
    EventFamily family;
    EventKind kind;
    std::uint32_t version;  ///< the newest of the payload's schema
};

/// All types; the type with number n is at n - 1.
inline constexpr std::array kEventTypes{
#define EVENT(number, constant, name, family, kind, version, ...) \
    EventTypeRow{EventType::constant, name, EventFamily::family, EventKind::kind, version},
#include <parley/domain/events.def>
};
inline constexpr int kEventTypeCount = static_cast<int>(kEventTypes.size());

/// REQUIRES: one of the types, as every Event has: eventTypeOf lets no other number in.
constexpr const EventTypeRow& rowOf(EventType type) {
    return kEventTypes[static_cast<std::size_t>(type) - 1];
}

/// "conversation_started" ...: as hashed, stored in `event_type` and shown by `v1_event`. Static
/// storage.
constexpr std::string_view eventTypeName(EventType type) {
    return rowOf(type).name;
}

/// The type with this number; nothing where this program knows none.
constexpr std::optional<EventType> eventTypeOf(std::int64_t number) {
    if (number < 1 || number > kEventTypeCount) return std::nullopt;
    return static_cast<EventType>(number);
}

/// Whether the event is a message that people read (sent or shared).
constexpr bool isMessage(EventType type) {
    return rowOf(type).kind == EventKind::message;
}
constexpr bool isMembership(EventType type) {
    return rowOf(type).kind == EventKind::membership;
}
constexpr bool isTyping(EventType type) {
    return rowOf(type).kind == EventKind::typing;
}

/// A type as a C++ type, to overload on: a family declares one overload for each of its types.
template <EventType type>
using OfType = std::integral_constant<EventType, type>;

/// Calls `action` with the OfType of `type`, and returns what it returns. Does not compile where
/// `action` has no overload for one of the types.
template <typename Action>
constexpr decltype(auto) withType(EventType type, Action&& action) {
    switch (type) {
#define EVENT(number, constant, ...) \
    case EventType::constant:        \
        return action(OfType<EventType::constant>{});
#include <parley/domain/events.def>
    }
    __builtin_unreachable();  // an Event never holds another number: eventTypeOf checked it
}

}  // namespace parley
