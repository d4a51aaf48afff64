#pragma once

#include "gateway/rest/rest_call.h"
#include "gateway/rest/routes.h"

#include <parley/core/numbers.h>
#include <parley/core/result.h>

#include <cstddef>
#include <memory>
#include <optional>

namespace parley {

/// The event that a read must know, by its header `Parley-Position`; nothing: it does not say.
/// Refuses with `invalid_value`. Any thread.
Result<std::optional<Position>> positionIn(const net::HttpRequest& request);

/// Reads that must know an event which this process has not applied yet: nodes of a cluster apply
/// the log one after the other, so a read may reach one that lacks what another one has answered.
/// They wait here, for two seconds at most. One loop's, on its thread.
class PositionWaits {
public:
    /// The reference outlives this.
    explicit PositionWaits(RestServices& services) : services_(services) {}

    /// Hands a copy of the call, without its body, to `read` once the event is applied. Refuses the
    /// call with `busy` where that does not happen in time, or too many wait
    /// (limits::kPositionWaitsMax).
    void hold(const RestCall& call, Position position, RestHandler read);

private:
    struct Held;
    void look(const std::shared_ptr<Held>& held);

    RestServices& services_;
    std::size_t waiting_ = 0;
};

}  // namespace parley
