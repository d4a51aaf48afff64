#pragma once

#include "engine/batch/applier.h"
#include "engine/batch/commands.h"
#include "engine/batch/system_events.h"
#include "engine/sessions/resume.h"

#include <parley/engine/engine.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

namespace parley {

/// Carries out the requests of one batch. Its stations, in order:
///  1. *decide*: each request becomes events, on the state that the ones before it left (Commands);
///  2. *append and project*: these go into the log, the views and the memory, in one unit of work
///     (Appender);
///  3. the *gate* and the *commit* (UnitOfWork::finish);
///  4. *publish*: what became of the requests is handed to the sink, by the caller.
/// Writer's thread only.
class Batch {
public:
    /// All of it outlives this.
    struct Parts {
        UnitOfWork& unit;
        LiveState& live;
        Sessions& sessions;
        Resume& resume;
        JoinViews& joinViews;
        Commands& commands;
        SystemEvents& system;
        Applier& applier;
        SpaceWatch& space;
        Replication* replication = nullptr;  ///< null: a single node
    };
    Batch(const Parts& parts, const Clock& clock) : parts_(parts), clock_(clock) {}

    /// Stations 1 to 3. Returns what became of each request: where the storage failed, nothing of
    /// any of them happened. Nothing where the error is fatal (UnitOfWork::fatal). What is more
    /// than the nodes of a cluster can agree on at once becomes several units, one after the other.
    /// REQUIRES: the unit of work is empty. May change the requests.
    std::optional<BatchOutcome> carryOut(std::vector<Request>& requests);

    /// Any thread.
    void addTo(EngineCounters& counters) const;

private:
    struct CarryOut;
    struct Fail;
    BatchOutcome decideAndAppend(std::vector<Request>& requests, bool leads);
    Result<void> commit(const std::vector<Outcome>& outcomes, bool leads);
    std::optional<BatchOutcome> carryOutInParts(std::vector<Request> requests, const Error& error);
    std::vector<std::vector<Request>> partsOf(std::vector<Request> requests) const;
    std::optional<BatchOutcome> refuse(const Request& request, const Error& error);
    BatchOutcome fail(const std::vector<Request>& requests, const Error& error);
    void noteFailure(const Error& error);
    void noteSizes();

    const Parts parts_;
    const Clock& clock_;
    std::atomic<std::uint64_t> committed_{0};
    std::atomic<std::uint64_t> failed_{0};
    std::atomic<std::uint64_t> connections_{0};
    std::atomic<std::uint64_t> typing_{0};
    std::atomic<std::uint64_t> conversations_{0};
};

}  // namespace parley
