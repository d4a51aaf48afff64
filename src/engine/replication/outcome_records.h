#pragma once

#include <parley/engine/replicated_unit.h>

#include <functional>
#include <vector>

namespace parley {

/// What the other nodes are told of the outcomes of a unit, in their order. Left out is what only
/// clients of this node (`isHere`) learn of.
std::vector<OutcomeRecord> recordsOf(const std::vector<Outcome>& outcomes,
                                     const std::function<bool(const ReplyTo&)>& isHere);

}  // namespace parley
