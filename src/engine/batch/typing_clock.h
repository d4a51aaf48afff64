#pragma once

#include "engine/state/live_state.h"
#include "engine/unit_of_work.h"

#include <parley/engine/request.h>
#include <parley/log/database.h>

#include <chrono>
#include <optional>
#include <vector>

namespace parley {

/// Ends typing that nobody ends: after its time-out, and what the last run left open. Writer's
/// thread only.
class TypingClock {
public:
    /// The references outlive it.
    TypingClock(std::chrono::milliseconds timeout, LiveState& live, Database& db)
        : timeout_(timeout), live_(live), db_(db) {}

    /// When some typing ends next, on the monotonic clock; nothing where nobody types.
    std::optional<std::chrono::milliseconds> nextDue() const { return live_.typing.nextDeadline(); }
    /// Adds a request for each typing whose time is over.
    void addDue(std::vector<Request>& batch);
    /// Before anything is served: adds a request for each user who typed when the last run ended.
    /// Where the log cannot be read this is logged, and left to the next start.
    void addLeftOpen(std::vector<Request>& batch);

private:
    Result<void> tryAddLeftOpen(std::vector<Request>& batch);

    const std::chrono::milliseconds timeout_;
    LiveState& live_;
    Database& db_;
};

}  // namespace parley
