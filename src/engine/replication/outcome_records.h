#pragma once

#include <parley/engine/replicated_unit.h>

#include <vector>

namespace parley {

/// Whether clients of other nodes learn of something by it, besides the one that asked.
bool tellsOthers(const Outcome& outcome);
/// What the nodes are told of the outcomes of a unit, in their order: of all of them, as the node
/// that decided may itself come to know by the stream what became of its clients' requests.
std::vector<OutcomeRecord> recordsOf(const std::vector<Outcome>& outcomes);

}  // namespace parley
