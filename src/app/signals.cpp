#include "app/signals.h"

#include <parley/core/clock.h>
#include <parley/core/logging.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <unistd.h>

namespace parley::app {
namespace {

// nohup(1) and the shells' `trap "" HUP` say that a closed terminal must end nothing.
bool hangupIsIgnored() {
    struct sigaction now {};
    return ::sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

SignalMeaning SignalRule::of(int signal, std::chrono::milliseconds now) {
    if (signal == SIGUSR1) return SignalMeaning::tellState;
    if (signal == SIGHUP && !hangupStops_) return SignalMeaning::reload;
    if (!stopAskedAt_) {
        stopAskedAt_ = now;
        return SignalMeaning::stop;
    }
    return now - *stopAskedAt_ < kOneRequest ? SignalMeaning::repeated : SignalMeaning::endAtOnce;
}

Signals::Signals() : rule_(::isatty(STDERR_FILENO) == 1 && !hangupIsIgnored()) {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

SignalMeaning Signals::next(int& signal, const Actions& actions) {
    sigwait(&set_, &signal);
    const auto meaning = rule_.of(signal, SystemClock().monotonic());
    if (meaning == SignalMeaning::reload) actions.reload(signal);
    if (meaning == SignalMeaning::tellState) actions.tellState();
    return meaning;
}

int Signals::waitForStop(const Actions& actions) {
    int signal = 0;
    while (next(signal, actions) != SignalMeaning::stop) {
    }
    return signal;
}

void Signals::endOnSecondRequest() {
    std::thread([signals = *this]() mutable {
        const Actions actions{
            .reload =
                [](int signal) {
                    logger().info("reload_asked signal={} done=\"nothing: the server is stopping\"",
                                  signal);
                },
            .tellState = [] { logger().info("state stopping=true"); }};
        int signal = 0;
        while (signals.next(signal, actions) != SignalMeaning::endAtOnce) {
        }
        // What was acknowledged is on the disk already.
        logger().warn("stopped_at_once signal={}", signal);
        std::_Exit(128 + signal);
    }).detach();
}

}  // namespace parley::app
