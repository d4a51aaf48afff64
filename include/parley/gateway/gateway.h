#pragma once

#include <parley/auth/options.h>
#include <parley/cluster/options.h>
#include <parley/core/clock.h>
#include <parley/engine/engine.h>
#include <parley/gateway/console_options.h>
#include <parley/gateway/limits/rate_options.h>
#include <parley/net/server.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// Which clients are given a pid and cursors, and can resume their session with them
/// (docs/recovery.md).
enum class RecoveryFor : std::uint8_t {
    asked,  ///< those that ask for it, or bring a pid
    all,    ///< all but those that decline
    none,   ///< no client
};

/// A setting that is not as it would be if nothing had been said.
struct SettingInForce {
    std::string name;
    std::string value;
    std::string standard;  ///< its default
    /// Where it comes from: "flag", "variable", "file", or "mode" where auth.mode decides it.
    std::string from;
};

/// How the console's SQL is run.
struct ConsoleSql {
    std::string program;    ///< that runs `audit --sql -`; empty: nothing can be asked
    std::string questions;  ///< the JSON of GET /console/questions
    std::chrono::milliseconds timeLimit{30'000};  ///< of a statement
};

/// How the gateway behaves. Fixed once it is open. Nothing is checked here: app/settings.h has the
/// ranges.
struct GatewayOptions {
    /// From an Engine.IO session's start until its client must have entered the namespace; then
    /// the session is closed.
    std::chrono::milliseconds connectTimeout{45'000};
    /// How long a stopping server still serves clients while /readyz fails, so that a load balancer
    /// can notice. At most half of the deadline of `stop` is spent on it.
    std::chrono::milliseconds drainNotice{200};
    /// Reads that may wait until their clients have taken earlier answers, for all clients
    /// together; beyond it `busy`. One client may have as many as are left of it, and at most
    /// limits::kReadsWaitingMax.
    std::size_t readsWaitingMax = 1'000'000;
    std::string version = "unknown";  ///< the program's, for metrics
    RecoveryFor recoveryFor = RecoveryFor::asked;
    bool auditFollows = true;  ///< audit.db is kept beside the log, see audit/follower.h
    /// Whether questions about the past are recorded in the log before they are answered.
    bool auditRecord = true;
    ConsoleOptions console{};
    ConsoleSql sql{};
    std::vector<SettingInForce> settings{};  ///< for the console; in the reference's order
    auth::Options auth{};
    RateOptions rates{};
};

/// The settings that a reload can change.
struct ReloadOptions {
    std::vector<std::string> corsOrigins;    ///< in place of net::Options::corsOrigins
    ConsoleOptions console;                  ///< in place of the old ones, but for `enabled`
    std::vector<SettingInForce> settings{};  ///< in place of GatewayOptions::settings
};

/// What a reload read again.
struct Reloaded {
    bool tokens = false;       ///< auth.keys and auth.revoked; false where auth.mode is none
    bool certificate = false;  ///< tls.certificate and tls.key; false without TLS
};

/// The whole server: joins the network and the engine, wire requests and REST routes in, answers
/// and broadcasts out. Owns both with their threads. Open, start, stop and destroy it on one
/// thread; the methods that say so may be called from any.
class Gateway {
public:
    /// Opens the engine, then listens. Clients can connect from then on, but are served after
    /// `start`. Refuses with the codes of Engine::open and net::Server::listen, in which case no
    /// thread is left and the data folder is free again. The options are copied. With `cluster` it
    /// is a node: other nodes may carry out its clients' requests. REQUIRES: `clock` and `random`
    /// outlive the gateway; `random` is used by the writer's thread alone.
    static Result<std::unique_ptr<Gateway>> open(const GatewayOptions& options,
                                                 const net::Options& netOptions,
                                                 EngineOptions engineOptions, const Clock& clock,
                                                 Random& random,
                                                 std::optional<ClusterMembership> cluster = {});
    /// Stops with a deadline of 0.
    ~Gateway();

    /// Begins to serve. Does not block. Does nothing the second time.
    void start();
    /// Reads the files of auth.keys, auth.revoked, tls.certificate and tls.key again, all or
    /// nothing: after an error what was read before still counts. Within a second the connections
    /// end whose tokens do not count any more. Connections accepted from then on get the
    /// certificate, and the console's page and the origins are as `options` say. Blocks while it
    /// reads. Not after `stop`.
    Result<Reloaded> reload(const ReloadOptions& options);
    /// For metrics: whether the last reload succeeded, where its settings could not be read
    /// included. Any thread.
    void noteReload(bool succeeded);
    /// How the server stands, as `key=value ...` for the log. Any thread.
    std::string state() const;
    /// The TCP port it listens on, also where net::Options::port is 0. Any thread.
    std::uint16_t port() const;
    /// What was checked before anything was written; its head is where the log ended then. Lives as
    /// long as the gateway. Any thread.
    const StartChecks& startChecks() const;
    /// The log's last durable position; after `stop` where the log ends. Any thread.
    Position head() const;
    /// As Engine::writerTurns. Any thread.
    std::uint64_t writerTurns() const;
    /// Drains, and blocks meanwhile. For `drainNotice`, /readyz fails and new clients are refused;
    /// all others are served. Then connections and requests are refused, and until half of
    /// `deadline` is over what was submitted becomes durable and is answered. Then every client is
    /// closed (WebSocket code 1001), and the engine stops: what it holds still becomes durable,
    /// which no deadline cuts short. The gateway cannot be started again. Idempotent.
    void stop(std::chrono::milliseconds deadline);

private:
    struct Parts;
    explicit Gateway(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace parley
