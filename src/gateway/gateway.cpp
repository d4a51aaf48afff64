#include "gateway/calls/publisher.h"
#include "gateway/gateway_state.h"
#include "gateway/loop_service.h"
#include "gateway/presence/presence_teller.h"
#include "gateway/state_words.h"

#include <parley/core/try.h>
#include <parley/gateway/gateway.h>
#include <parley/log/data_folder.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace parley {

// Destroyed in reverse order: the follower first, as it asks the engine; then the engine, as it
// publishes to the loops until it has stopped, through the node in a cluster.
struct Gateway::Parts {
    Parts(const GatewayOptions& gateway, const Clock& clock)
        : options(gateway), shared{.options = options, .clock = clock} {}

    GatewayOptions options;
    GatewayState shared;
    std::unique_ptr<auth::Authenticator> authenticator;
    std::unique_ptr<Limits> limits;
    Publisher publisher{shared};
    std::vector<std::pair<net::Loop*, LoopService*>> services;  // of all loops; the server's
    std::unique_ptr<PresenceTeller> presence;
    net::TlsOptions tls;
    std::unique_ptr<SqlDesk> sqlDesk;  // the server's requests have places at it
    std::unique_ptr<net::Server> server;
    SystemRandom nodeRandom;
    std::unique_ptr<Node> node;  // null: a single node
    std::unique_ptr<Engine> engine;
    std::unique_ptr<WaitingWatch> waiting;
    std::unique_ptr<LogVerifier> verifier;
    std::unique_ptr<AuditReaders> auditReaders;
    std::unique_ptr<audit::Follower> follower;
    bool started = false;
    bool stopped = false;
};

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() {
    stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Gateway>> Gateway::open(const GatewayOptions& options,
                                               const net::Options& netOptions,
                                               EngineOptions engineOptions, const Clock& clock,
                                               Random& random,
                                               std::optional<ClusterMembership> cluster) {
    auto parts = std::make_unique<Parts>(options, clock);
    Parts& raw = *parts;
    raw.shared.outputBytesMax = netOptions.outputBytesMax;
    raw.tls = netOptions.tls;
    if (options.auth.mode == auth::Mode::jwt) {
        PARLEY_TRY_ASSIGN(parts->authenticator, auth::Authenticator::open(options.auth, clock));
        raw.shared.authenticator = parts->authenticator.get();
        parts->limits = std::make_unique<Limits>(options.rates);
        raw.shared.limits = parts->limits.get();
        engineOptions.customersChooseIds = options.auth.customerIds == auth::CustomerIds::own;
    }
    const auto folder = engineOptions.dataFolder;
    if (cluster) {
        parts->node =
            std::make_unique<Node>(cluster->options.node, cluster->log, cluster->bus, clock,
                                   parts->nodeRandom, parts->publisher, cluster->place);
        engineOptions.gate = &parts->node->gate();
        raw.shared.node = parts->node.get();
        raw.shared.readyLag = cluster->options.readyLag;
        if (parts->authenticator) parts->node->tellTokenRules(parts->authenticator->rulesHash());
    }
    OutcomeSink& sink = parts->node ? static_cast<OutcomeSink&>(*parts->node) : parts->publisher;
    PARLEY_TRY_ASSIGN(auto engine, Engine::open(std::move(engineOptions), clock, random, sink));
    auto listening = netOptions;
    if (options.console.enabled) listening.openPage = "/";
    auto server = net::Server::listen(listening, clock, [&raw](net::Loop& loop) {
        auto service = std::make_unique<LoopService>(raw.shared, loop);
        raw.publisher.add(loop, *service);
        raw.services.emplace_back(&loop, service.get());
        return std::unique_ptr<net::Service>(std::move(service));
    });
    if (!server) return server.error();
    parts->server = std::move(*server);
    parts->engine = std::move(engine);
    parts->shared.engine = parts->engine.get();
    parts->shared.requests =
        parts->node ? static_cast<RequestTaker*>(parts->node.get()) : parts->engine.get();
    parts->presence =
        std::make_unique<PresenceTeller>(parts->engine->presence(), parts->shared.typing,
                                         parts->publisher, *parts->services.front().first);
    parts->shared.dataFolder = folder;
    parts->verifier = std::make_unique<LogVerifier>(DataFolder::databaseIn(folder), clock,
                                                    parts->engine->warnings());
    parts->waiting = std::make_unique<WaitingWatch>(DataFolder::databaseIn(folder));
    parts->shared.waiting = parts->waiting.get();
    parts->shared.verifier = parts->verifier.get();
    parts->sqlDesk =
        std::make_unique<SqlDesk>(SqlCommand{options.sql.program, folder, options.sql.timeLimit});
    parts->shared.sqlDesk = parts->sqlDesk.get();
    if (options.auditFollows) {
        parts->follower = std::make_unique<audit::Follower>(
            folder, [engine = parts->engine.get()] { return engine->head(); }, clock,
            parts->engine->warnings());
        parts->shared.follower = parts->follower.get();
        parts->auditReaders = std::make_unique<AuditReaders>(DataFolder::auditIn(folder));
        parts->shared.auditReaders = parts->auditReaders.get();
    } else {
        // What nobody keeps up to date would answer with yesterday's log.
        PARLEY_TRY(removeDatabase(DataFolder::auditIn(folder)));
    }
    parts->shared.server = parts->server.get();
    if (parts->node) parts->node->begin(*parts->engine);
    return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

void Gateway::start() {
    if (std::exchange(parts_->started, true)) return;
    if (parts_->follower) parts_->follower->start();
    parts_->waiting->start();
    parts_->server->start();
}

// No connection is missed: who connects once the files are in use is checked against them, and who
// has connected before that is among those that its loop looks at.
Result<Reloaded> Gateway::reload(const ReloadOptions& options) {
    std::optional<auth::AuthFiles> files;
    net::TlsCertificatePtr certificate;
    auto& authenticator = parts_->authenticator;
    if (authenticator) {
        PARLEY_TRY_ASSIGN(files, authenticator->readFiles());
    }
    if (parts_->tls.isOn()) {
        PARLEY_TRY_ASSIGN(certificate, net::readCertificate(parts_->tls));
    }
    if (certificate) parts_->server->use(std::move(certificate));
    if (files) {
        authenticator->use(std::move(*files));
        if (parts_->node) parts_->node->tellTokenRules(authenticator->rulesHash());
        for (const auto& [loop, service] : parts_->services) {
            loop->post([service = service] { service->checkTokens(); });
        }
    }
    auto& shared = parts_->shared;
    parts_->server->allowOrigins(options.corsOrigins);
    auto console = options.console;
    console.enabled = parts_->options.console.enabled;
    shared.console.set(consolePage(parts_->options, console));
    shared.settings.set(options.settings);
    return Reloaded{.tokens = authenticator != nullptr, .certificate = parts_->tls.isOn()};
}

void Gateway::noteReload(bool succeeded) {
    parts_->shared.reloadFailed.store(!succeeded);
}

std::string Gateway::state() const {
    return stateWords(parts_->shared);
}

std::uint16_t Gateway::port() const {
    return parts_->server->port();
}

const StartChecks& Gateway::startChecks() const {
    return parts_->engine->startChecks();
}

Position Gateway::head() const {
    return parts_->engine->head();
}

std::uint64_t Gateway::writerTurns() const {
    return parts_->engine->writerTurns();
}

void Gateway::stop(std::chrono::milliseconds deadline) {
    using namespace std::chrono;
    if (std::exchange(parts_->stopped, true)) return;
    auto& shared = parts_->shared;
    const auto& clock = shared.clock;
    const auto& options = parts_->options;
    const auto until = clock.monotonic() + deadline;
    // A load balancer must still be let in to hear that the server is not ready.
    shared.draining.store(true);
    parts_->server->refuseSessions();
    std::this_thread::sleep_for(std::min(options.drainNotice, deadline / 2));
    shared.refusing.store(true);
    parts_->server->stopAccepting();
    parts_->sqlDesk->stop();
    // Half of the time for what was submitted, the rest for telling the clients.
    while (shared.requestsInFlight.load() > 0 && clock.monotonic() < until - deadline / 2) {
        std::this_thread::sleep_for(milliseconds(2));
    }
    parts_->server->stop(std::max(until - clock.monotonic(), milliseconds(0)));
    parts_->waiting->stop();
    parts_->verifier->stop();
    if (parts_->node) parts_->node->stop();
    parts_->engine->stop();
    if (parts_->follower) parts_->follower->stop();
}

}  // namespace parley
