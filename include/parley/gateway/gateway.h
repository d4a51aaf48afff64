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

/// Which clients are given a pid and cursors, and can come back with them.
enum class RecoveryFor : std::uint8_t {
    asked,  ///< those that ask for it, or come with a pid
    all,    ///< all but those that decline
    none,
};

struct GatewayOptions {
    std::chrono::milliseconds connectTimeout{45'000};  ///< for a client to enter a namespace
    /// How long, on stopping, /readyz says so while clients are still served. At most half of the
    /// time that stopping may take.
    std::chrono::milliseconds drainNotice{200};
    /// Reads that may wait until their clients have taken earlier answers, all clients together.
    /// Each may have as many of them as are left, and at most limits::kReadsWaitingMax.
    std::size_t readsWaitingMax = 1'000'000;
    std::string version = "unknown";  ///< of the program, for metrics
    RecoveryFor recoveryFor = RecoveryFor::asked;
};

/// Joins the network and the engine: wire requests and REST routes in, answers and broadcasts
/// out. Make it, start it, stop it from one thread.
class Gateway {
public:
    /// Opens the engine, then listens. Refuses with what is wrong and what to do.
    static Result<std::unique_ptr<Gateway>> open(const GatewayOptions& options,
                                                 const net::Options& netOptions,
                                                 EngineOptions engineOptions, const Clock& clock,
                                                 Random& random);
    ~Gateway();

    /// Begins to serve.
    void start();
    std::uint16_t port() const;
    /// What the start checked; its head is where the log ended before this run.
    const StartChecks& startChecks() const;
    /// The log's last position; of use after `stop`, too.
    Position head() const;
    /// Drains. For `drainNotice`: /readyz fails and new sessions are refused, all others are
    /// served. Then: connections and requests are refused, what was submitted becomes durable and
    /// is answered. Then everything closes. Returns within about `deadline`.
    void stop(std::chrono::milliseconds deadline);

private:
    struct Parts;
    explicit Gateway(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley
