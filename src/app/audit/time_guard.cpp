#include "app/audit/time_guard.h"

#include "app/commands.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace parley::app::audit {
namespace {

using Steady = std::chrono::steady_clock;

sigset_t endingSignals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int one : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, one);
    return signals;
}

constexpr timespec kBetweenLooks{0, 20'000'000};

// Whether the reader of standard output has gone: the other end of a pipe, socket or terminal.
bool isOutputUnread() {
    pollfd out{STDOUT_FILENO, 0, 0};
    return ::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

struct TimeGuard::State {
    explicit State(std::function<void()> clean) : cleanUp(std::move(clean)) {
        const auto signals = endingSignals();
        ::pthread_sigmask(SIG_BLOCK, &signals, &before);  // the guard's thread takes them
        thread = std::thread([this] { run(); });
    }
    ~State() {
        ends = true;
        thread.join();
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }

    void run() {
        const auto signals = endingSignals();
        while (!ends) {
            if (const int signal = ::sigtimedwait(&signals, nullptr, &kBetweenLooks); signal > 0) {
                end(128 + signal, {});
            }
            if (isOutputUnread()) end(0, {});  // as StandardOutput::finish has it
            const auto until = deadline.load();
            if (until != Steady::time_point{} && Steady::now() > until) {
                end(kExitTimeout,
                    "parley: read_timeout: one step took longer than --time-limit. Ask for less, "
                    "or "
                    "allow more time\n");
            }
        }
    }
    void end(int status, const std::string& why) const {
        cleanUp();
        std::cerr << why << std::flush;
        std::_Exit(status);
    }

    const std::function<void()> cleanUp;
    std::atomic<Steady::time_point> deadline{Steady::time_point{}};
    std::atomic<bool> ends{false};
    sigset_t before{};
    std::thread thread;
};

TimeGuard::TimeGuard(std::function<void()> cleanUp)
    : state_(std::make_unique<State>(std::move(cleanUp))) {}
TimeGuard::~TimeGuard() = default;

void TimeGuard::start(std::chrono::milliseconds atMost) {
    state_->deadline = Steady::now() + atMost + kGrace;
}

void TimeGuard::stop() {
    state_->deadline = Steady::time_point{};
}

}  // namespace parley::app::audit
