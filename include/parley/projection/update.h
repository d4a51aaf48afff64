#pragma once

#include <parley/domain/event.h>
#include <parley/domain/facts.h>
#include <parley/domain/families.h>
#include <parley/domain/variant_of.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

/// What changed in the views, in the domain's words. Broadcasters turn updates into wire events.
namespace parley {
namespace update_of {

template <typename T>
struct Told {
    using type = T;
};
template <typename T>
struct Told<std::optional<T>> {
    using type = T;
};
/// What the family's `updateOf` gives for a type; variant_of::None: nothing is told of it.
template <EventType type>
using Type = typename Told<std::remove_cvref_t<
    decltype(updateOf(OfType<type>{}, std::declval<Event>(), std::declval<Facts&>()).value())>>::
    type;

}  // namespace update_of

/// One of the updates that the families' `updateOf` give, or one that no event tells of.
using ProjectionUpdate = VariantOf<ParticipantReturned
#define EVENT(number, constant, ...) , update_of::Type<EventType::constant>
#include <parley/domain/events.def>
                                   >;

/// Appends the update that `event` gives, if it gives one: by its family's `updateOf`, which may
/// move the event into the update. The one way from events to updates, whether they are new or read
/// again. Fails only where `facts` do; then nothing is appended, and the event may be moved from.
/// The thread of `facts`.
Result<void> updatesOf(Event&& event, Facts& facts, std::vector<ProjectionUpdate>& updates);

/// Folds new events of one command into `state` and returns what they change, in log order.
/// Cannot fail: the facts come from `state`. Takes over the events; what an update tells of one is
/// shared from there on (EventPtr). Pure. REQUIRES: the events are in the log, and follow those
/// that `state` has seen.
std::vector<ProjectionUpdate> project(ConversationState& state, std::vector<Event> events);

}  // namespace parley
