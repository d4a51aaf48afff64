#include "app/service_notice.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace parley::app {
namespace {

using std::chrono::milliseconds;

// A state that the service manager is not told would be wrong until the next one.
constexpr milliseconds kStateWait{5000};
constexpr milliseconds kPause{10};

std::string valueOf(const std::vector<std::string>& variables, std::string_view name) {
    for (const std::string_view one : variables) {
        if (one.starts_with(name) && one.substr(name.size()).starts_with('=')) {
            return std::string(one.substr(name.size() + 1));
        }
    }
    return {};
}

// Where WATCHDOG_PID names another process, the span is that one's.
std::optional<milliseconds> watchdogOf(const std::vector<std::string>& variables) {
    const std::string pid = valueOf(variables, "WATCHDOG_PID");
    if (!pid.empty() && pid != std::to_string(::getpid())) return std::nullopt;
    const std::string span = valueOf(variables, "WATCHDOG_USEC");
    std::uint64_t microseconds = 0;
    const auto read = std::from_chars(span.data(), span.data() + span.size(), microseconds);
    const bool whole = read.ec == std::errc() && read.ptr == span.data() + span.size();
    if (!whole || microseconds < 1000) return std::nullopt;
    return std::chrono::duration_cast<milliseconds>(std::chrono::microseconds(microseconds));
}

}  // namespace

ServiceNotice::ServiceNotice(const std::vector<std::string>& variables)
    : address_(valueOf(variables, "NOTIFY_SOCKET")) {
    const bool known = address_.starts_with('/') || address_.starts_with('@');
    if (!known || address_.size() >= sizeof(sockaddr_un::sun_path)) {
        address_.clear();
        return;
    }
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    watchdog_ = watchdogOf(variables);
}

ServiceNotice::~ServiceNotice() {
    if (socket_ >= 0) ::close(socket_);
}

// While the service manager's queue is full, tries for `atMost`.
void ServiceNotice::send(std::string_view text, milliseconds atMost) const {
    if (address_.empty()) return;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::copy(address_.begin(), address_.end(), to.sun_path);
    if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    const auto trySend = [&] {
        return ::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr*>(&to), length) >= 0;
    };
    for (auto left = atMost; !trySend(); left -= kPause) {
        const int why = errno;
        if (why != EAGAIN || left <= milliseconds(0)) {
            if (!isFailing_.exchange(true)) {
                logger().warn(
                    "notify_failed message=\"{}\" why=\"the service manager hears nothing; this is "
                    "logged once, until it does\"",
                    std::strerror(why));
            }
            return;
        }
        std::this_thread::sleep_for(kPause);
    }
    if (isFailing_.exchange(false)) logger().info("notify_works");
}

void ServiceNotice::ready(const std::string& status) const {
    send("READY=1\nSTATUS=" + status, kStateWait);
}

void ServiceNotice::reloading() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds), kStateWait);
}

void ServiceNotice::stopping(milliseconds atMost) const {
    const auto microseconds = std::chrono::microseconds(atMost).count();
    send("STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=" + std::to_string(microseconds),
         kStateWait);
}

void ServiceNotice::alive() const {
    send("WATCHDOG=1", milliseconds(0));  // the next one comes soon
}

Watchdog::Watchdog(const ServiceNotice& notice, std::function<std::uint64_t()> turns) {
    if (!notice.watchdog()) return;
    const auto span = std::max(*notice.watchdog() / 4, milliseconds(1));
    thread_.start([this, &notice, span, turns = std::move(turns)] {
        for (std::uint64_t before = 0; thread_.sleep(span);) {
            if (const auto now = turns(); std::exchange(before, now) != now) notice.alive();
        }
    });
}

}  // namespace parley::app
