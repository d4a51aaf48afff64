#include "audit/open_stays.h"

#include <algorithm>

namespace parley::audit {

void OpenStays::add(const OpenStay& stay) {
    stays_.push_back(stay);
    if (stay.role == UserRole::customer) ++customers_;
}

std::optional<OpenStay> OpenStays::stayOf(UserKey user) const {
    const auto found = std::find_if(stays_.begin(), stays_.end(),
                                    [&](const OpenStay& stay) { return stay.user == user; });
    return found == stays_.end() ? std::nullopt : std::optional(*found);
}

std::optional<OpenStay> OpenStays::take(UserKey user) {
    const auto found = std::find_if(stays_.begin(), stays_.end(),
                                    [&](const OpenStay& stay) { return stay.user == user; });
    if (found == stays_.end()) return std::nullopt;
    const OpenStay taken = *found;
    stays_.erase(found);
    if (taken.role == UserRole::customer) --customers_;
    return taken;
}

StayChange OpenStays::apply(const FoldableEvent& event) {
    const int customersBefore = customers_;
    StayChange change;
    if (event.type == EventType::participantJoined) change = join(event);
    if (event.type == EventType::participantLeft) change = leave(event);
    change.lastCustomerLeft = customersBefore > 0 && customers_ == 0;
    return change;
}

// A join in the same role, which only shows a hidden participant, changes nothing here.
StayChange OpenStays::join(const FoldableEvent& event) {
    const OpenStay stay{event.actorKey, event.role.value_or(UserRole::customer), event.position};
    const auto before = stayOf(event.actorKey);
    if (before && before->role == stay.role) return {};
    StayChange change;
    if (const auto ended = take(event.actorKey))
        change.ended = EndedStay{*ended, StayEnd::otherRole};
    add(stay);
    change.begun = stay;
    return change;
}

StayChange OpenStays::leave(const FoldableEvent& event) {
    StayChange change;
    const bool removed = event.cause == cause::kRemoved;
    if (const auto ended = take(event.actorKey)) {
        change.ended = EndedStay{*ended, removed ? StayEnd::removed : StayEnd::left};
    }
    return change;
}

}  // namespace parley::audit
