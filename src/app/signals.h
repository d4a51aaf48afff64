#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <signal.h>
#include <string>

namespace parley::app {

/// What a signal asks of a server.
enum class SignalMeaning {
    reload,     ///< SIGHUP to a daemon
    tellState,  ///< SIGUSR1
    stop,       ///< the first request to stop: drain
    repeated,   ///< the same request once more
    endAtOnce,  ///< somebody does not want to wait for the drain
};

/// Tells what each signal that a server takes means. Pure; one thread at a time.
///
/// One request to stop often comes as two signals: Ctrl-C reaches every process of the terminal's
/// group, and npm and process managers pass it on to the server besides, as SIGINT or as SIGTERM;
/// timeout(1) signals its child and then the group; the end of a terminal is told by the kernel
/// and by the shell. So signals to stop within kOneRequest of the first one are that one.
class SignalRule {
public:
    /// `hangupStops`: SIGHUP is a closed terminal, not a request to reload.
    explicit SignalRule(bool hangupStops) : hangupStops_(hangupStops) {}

    /// `now` is monotonic.
    SignalMeaning of(int signal, std::chrono::milliseconds now);

    static constexpr std::chrono::milliseconds kOneRequest{1000};

private:
    const bool hangupStops_;
    std::optional<std::chrono::milliseconds> stopAskedAt_;
};

/// The signals of a process that serves.
class Signals {
public:
    /// To be made before any thread is started: SIGTERM, SIGINT, SIGHUP and SIGUSR1 are blocked in
    /// all of them, and taken by the members below alone. SIGPIPE and SIGXFSZ are ignored: what is
    /// written into a closed connection, or beyond a file-size limit, fails with an error.
    Signals();

    /// What the server does when a signal asks for it, and logs.
    struct Actions {
        std::function<void(int signal)> reload;
        std::function<void()> tellState;
    };
    /// Waits for a request to stop and returns its signal. Carries out other requests meanwhile on
    /// the caller's thread.
    int waitForStop(const Actions& actions);

    /// From now on a second request to stop ends the process at once, with 128 + its signal, and
    /// other requests are only logged. Starts a thread that stays until the process ends. After
    /// waitForStop.
    void endOnSecondRequest();

private:
    SignalMeaning next(int& signal, const Actions& actions);

    sigset_t set_{};
    SignalRule rule_;
};

}  // namespace parley::app
