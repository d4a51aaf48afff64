#pragma once

#include <parley/engine/background_thread.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::app {

/// Tells the service manager how the server stands, by the protocol of sd_notify(3): datagrams to
/// the socket that NOTIFY_SOCKET names. Without that variable it tells nobody. Any thread.
/// While the manager takes nothing, a state is tried for 5 s, and a sign of life is lost at once.
/// The log says `notify_failed` once, until something arrives again.
class ServiceNotice {
public:
    /// `variables`: the process's, NAME=value.
    explicit ServiceNotice(const std::vector<std::string>& variables);
    ~ServiceNotice();
    ServiceNotice(const ServiceNotice&) = delete;
    ServiceNotice& operator=(const ServiceNotice&) = delete;

    /// It serves; `status` is for people. Also the end of what `reloading` began.
    void ready(const std::string& status) const;
    /// It reads its settings again.
    void reloading() const;
    /// It drains, and ends by itself within `atMost`: the manager waits that long, also where its
    /// own limit (TimeoutStopSec) is shorter.
    void stopping(std::chrono::milliseconds atMost) const;
    /// It makes progress.
    void alive() const;

    /// Within which time of each other the manager wants to hear `alive`; nothing: never.
    std::optional<std::chrono::milliseconds> watchdog() const { return watchdog_; }

private:
    void send(std::string_view text, std::chrono::milliseconds atMost) const;

    std::string address_;  // a path, or an abstract name behind '@'; empty: tells nobody
    int socket_ = -1;
    mutable std::atomic<bool> isFailing_{false};  // what was said last did not arrive
    std::optional<std::chrono::milliseconds> watchdog_;
};

/// Says `alive` for as long as the writer's loop comes round. What a client sees depends on the
/// writer; that other threads run proves nothing. It asks for a number four times in the manager's
/// span, so that neither an event nor a turn of the writer costs more.
class Watchdog {
public:
    /// `turns`: how often the writer's loop came round, any thread. Both outlive this. Does nothing
    /// where the manager wants to hear nothing.
    Watchdog(const ServiceNotice& notice, std::function<std::uint64_t()> turns);

private:
    BackgroundThread thread_;
};

}  // namespace parley::app
