#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace parley::app::audit {

/// Ends the process where nothing else can: SQLite asks about the time only between steps of its
/// own, and one function call may work for minutes; and a signal must not leave scratch folders
/// behind. One a process; the owner's thread.
class TimeGuard {
public:
    /// From now on SIGINT, SIGTERM and SIGHUP end the process after `cleanUp`; so does the end of
    /// the process that reads standard output from a pipe, as nobody else wants the rows: a server
    /// that was killed, `head`. Call before any other thread is started.
    explicit TimeGuard(std::function<void()> cleanUp);
    /// Gives up guarding.
    ~TimeGuard();
    TimeGuard(const TimeGuard&) = delete;
    TimeGuard& operator=(const TimeGuard&) = delete;

    /// The process ends with kExitTimeout, after `cleanUp`, where `atMost` and a moment of grace
    /// pass before the next call or `stop`.
    void start(std::chrono::milliseconds atMost);
    void stop();

    static constexpr std::chrono::milliseconds kGrace{500};

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace parley::app::audit
