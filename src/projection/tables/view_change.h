#pragma once

#include <parley/domain/event.h>
#include <parley/domain/membership/membership.h>

#include <optional>

namespace parley {

/// An event and what a table may need to know of the views before it.
///
/// A table of the views is a class with: `kTables`, its SQL tables (ViewTable); `kVersion`, which
/// is raised by one when what it writes changes, and 1 in a new one; a constructor that takes the
/// connection; `apply(const ViewChange&)`, which is given every event in the log's order;
/// `flush`, which writes what it gathered; `forget`, for a roll back.
struct ViewChange {
    const FoldableEvent& event;
    std::optional<Stay> before;  ///< of a join or a leave: the actor's stay that goes on, or ends
    bool lastCustomerWent = false;  ///< it leaves the conversation without a customer
};

}  // namespace parley
