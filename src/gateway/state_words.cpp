#include "gateway/state_words.h"

#include "gateway/readiness.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace parley {
namespace {

std::string notReady(const GatewayState& shared) {
    std::string names;
    for (const auto& check : readyChecks(shared)) {
        if (!check.ok) names += (names.empty() ? "" : ",") + std::string(check.name);
    }
    return names.empty() ? "nothing" : names;
}

std::string warningNames(const GatewayState& shared) {
    std::string names;
    for (const auto& line : shared.engine->warnings().lines()) {
        names += (names.empty() ? "" : ",") + line.name;
    }
    return names.empty() ? "none" : names;
}

}  // namespace

std::string stateWords(const GatewayState& shared) {
    const EngineCounters engine = shared.engine->counters();
    const net::Counters net = shared.server->counters();
    const auto polling = std::min(net.pollingOpen, net.sessionsOpen);
    return fmt::format(
               "position={} not_ready={} warnings={} websocket_clients={} polling_clients={} ",
               engine.headPosition, notReady(shared), warningNames(shared),
               net.sessionsOpen - polling, polling) +
           fmt::format(
               "writer_queue={} reader_queue={} in_flight={} conversations_loaded={} rooms={} ",
               engine.queueRequests, engine.readsQueued, shared.requestsInFlight.load(),
               engine.conversationsLoaded, shared.rooms.load()) +
           fmt::format("outbox_bytes={} database_bytes={} wal_bytes={} free_bytes={} audit_lag={}",
                       net.outboxBytes, engine.storage.databaseBytes, engine.storage.walBytes,
                       engine.storageFreeBytes, shared.follower ? shared.follower->lag() : 0);
}

}  // namespace parley
