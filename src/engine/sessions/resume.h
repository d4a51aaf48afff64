#pragma once

#include "engine/batch/reads.h"
#include "engine/sessions/sessions.h"
#include "engine/upkeep/clock_watch.h"

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

namespace parley {

/// Resumes sessions: says what each missed, and gives it to the connection that came back with its
/// pid. Writer's thread only; everything is part of the unit of work, and an error fails it.
class Resume {
public:
    /// The references outlive it.
    Resume(const EngineOptions& options, const Clock& clock, const ClockWatch& clockWatch,
           const SpaceWatch& space, UnitOfWork& unit, LiveState& live, WriterReads& reads,
           SessionStore& rows)
        : options_(options),
          clock_(clock),
          clockWatch_(clockWatch),
          space_(space),
          unit_(unit),
          live_(live),
          reads_(reads),
          rows_(rows) {}

    /// Fills in the outcome's reply, and which connection lost the session to this one.
    void carryOut(const ResumeSession& request, Outcome& outcome);

    /// Any thread.
    void addTo(EngineCounters& counters) const;

private:
    Result<std::optional<Gap>> gapOf(const ResumeSession& request, Outcome& outcome);
    Result<bool> isOfThisHistory(const Cursor& cursor);
    bool mayTake(const PidHash& pid, const std::optional<StoredSession>& stored,
                 const Principal* principal) const;
    Result<bool> forgetEnded(StoredSession& session, Position received);
    bool isOver(const StoredSession& stored) const;
    void addRooms(const StoredSession& stored, const Cursor& cursor, Gap& gap) const;
    std::vector<TypingChanged> typingIn(const std::vector<StoredRoom>& rooms) const;
    Result<bool> isTooFar(const Gap& gap);
    Result<std::vector<Position>> takeOwn(HeldSession& held, Position received);
    void handOver(const HeldSession& held, const std::optional<StoredSession>& stored,
                  Outcome& outcome);

    const EngineOptions& options_;
    const Clock& clock_;
    const ClockWatch& clockWatch_;
    const SpaceWatch& space_;
    UnitOfWork& unit_;
    LiveState& live_;
    WriterReads& reads_;
    SessionStore& rows_;
    std::atomic<std::uint64_t> resumed_{0};
    std::atomic<std::uint64_t> notResumed_{0};
};

}  // namespace parley
