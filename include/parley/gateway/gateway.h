#pragma once

#include <parley/core/clock.h>
#include <parley/engine/engine.h>
#include <parley/net/server.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace parley {

/// Which clients are given a pid and cursors, and can resume their session with them.
enum class RecoveryFor : std::uint8_t {
    asked,  ///< those that ask for it, or bring a pid
    all,    ///< all but those that decline
    none,
};

/// How the gateway behaves. Fixed once it runs.
struct GatewayOptions {
    std::chrono::milliseconds connectTimeout{45'000};  ///< to enter a namespace; then closed
    /// How long a stopping server still serves clients while /readyz fails. At most half of the
    /// time that stopping may take.
    std::chrono::milliseconds drainNotice{200};
    /// Reads that may wait until their clients have taken earlier answers, for all clients
    /// together; beyond it `busy`. Each client may have as many as are left, and at most
    /// limits::kReadsWaitingMax.
    std::size_t readsWaitingMax = 1'000'000;
    std::string version = "unknown";  ///< the program's, for metrics
    RecoveryFor recoveryFor = RecoveryFor::asked;
};

/// Joins the network and the engine: wire requests and REST routes in, answers and broadcasts out.
/// Owns both. Open, start and stop it from one thread.
class Gateway {
public:
    /// Opens the engine, then listens. Errors say what is wrong and what to do: those of
    /// Engine::open and net::Server::listen. `clock` and `random` outlive the gateway; `random` is
    /// used by the writer's thread alone.
    static Result<std::unique_ptr<Gateway>> open(const GatewayOptions& options,
                                                 const net::Options& netOptions,
                                                 EngineOptions engineOptions, const Clock& clock,
                                                 Random& random);
    /// Stops with a deadline of 0.
    ~Gateway();

    /// Begins to serve. REQUIRES: called once.
    void start();
    /// The TCP port it listens on.
    std::uint16_t port() const;
    /// What was checked before anything was written; its head is where the log ended then.
    const StartChecks& startChecks() const;
    /// The log's last position. Valid after `stop`, too. Any thread.
    Position head() const;
    /// Drains. For `drainNotice`, /readyz fails and new clients are refused; all others are served.
    /// Then connections and requests are refused, and what was submitted becomes durable and is
    /// answered. Then everything closes. Returns within about `deadline`. Idempotent.
    void stop(std::chrono::milliseconds deadline);

private:
    struct Parts;
    explicit Gateway(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley
