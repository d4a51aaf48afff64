#pragma once

#include <parley/core/clock.h>
#include <parley/core/ids.h>
#include <parley/domain/decision.h>
#include <parley/domain/variant_of.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Parley's own housekeeping. No client asks for it, and none is told. Pure; any thread.
namespace parley {

/// The conversation and the actor of the events of upkeep. The control character in front keeps
/// clients out: they can neither name, join nor list an id that has one.
namespace system_id {
inline constexpr std::string_view kConversation = "\x1fsystem";
inline constexpr std::string_view kActor = "\x1fparley";
}  // namespace system_id

/// What retention did in one slice of its walk along the log.
struct RetentionSlice {
    std::chrono::milliseconds keep;  ///< the setting `retention.typing`
    UnixMillis before;               ///< typing of this time or later stays
    Position after;                  ///< where the slice began
    Position through;                ///< the last event it looked at
    std::size_t emptied = 0;         ///< how many events it emptied, those in (after, through]
};
/// The event that tells of it, for the system conversation. As those of a Decision it is without
/// position, seq, id and time. Pure.
Event retentionApplied(const RetentionSlice& slice);
/// What such an event says was done, so that another copy of the log can do the same.
struct Emptied {
    Position through;
    std::size_t events = 0;
};
/// Nothing where the event is none of them, or does not say it.
std::optional<Emptied> emptiedBy(const Event& event);

/// A question about the past, or about many conversations at once, that a client put to the server.
struct AuditQuestion {
    std::string what;            ///< "as_of", "search" or "sql"
    std::string filters = "{}";  ///< a JSON object: names of filters, ids and times, no words
    std::string by = "{}";       ///< a JSON object: who asked
};
/// The event that records it, likewise.
Event auditRead(const AuditQuestion& question);

/// The system conversation has no state, and nobody is told of it.
inline void evolve(OfType<EventType::retentionApplied>, ConversationState&, const Event&) {}
inline void evolve(OfType<EventType::auditRead>, ConversationState&, const Event&) {}
inline Result<variant_of::None> updateOf(OfType<EventType::retentionApplied>, Event&&, Facts&) {
    return variant_of::None{};
}
inline Result<variant_of::None> updateOf(OfType<EventType::auditRead>, Event&&, Facts&) {
    return variant_of::None{};
}

}  // namespace parley
