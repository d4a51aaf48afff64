#include "gateway/metrics.h"

#include "gateway/rest/routes.h"

#include <parley/core/log_counts.h>
#include <parley/core/metrics.h>
#include <parley/core/process_usage.h>

#include <algorithm>
#include <array>
#include <limits>
#include <prometheus/text_serializer.h>
#include <string_view>
#include <vector>

namespace parley {
namespace {

void addLog(MetricSamples& out, const EngineCounters& engine) {
    out.set(Metric::logPosition, engine.headPosition);
    out.set(Metric::eventsAppended, engine.eventsAppended);
    out.set(Metric::batchesCommitted, engine.batchesCommitted);
    out.set(Metric::batchesFailed, engine.batchesFailed);
    out.set(Metric::storageFull, engine.storageFull ? 1 : 0);
    out.set(Metric::storageFreeBytes, engine.storageFreeBytes);
    out.set(Metric::clockImplausible, engine.clockImplausible ? 1 : 0);
    for (std::size_t i = 0; i < kEventTypes.size(); ++i) {
        out.set(Metric::eventsByType, kEventTypes[i].name, engine.eventsByType[i]);
    }
    out.set(Metric::batchEvents, "", engine.batchEvents);
    out.set(Metric::commitDuration, "", engine.commitDurations);
    out.set(Metric::checkpointDuration, "", engine.checkpoints.durations);
    out.set(Metric::writeLockBusy, engine.writeLockBusy);
    out.set(Metric::typingEmptied, engine.typingEmptied);
}

void addStorage(MetricSamples& out, const EngineCounters& engine) {
    out.set(Metric::databaseBytes, engine.storage.databaseBytes);
    out.set(Metric::databaseGrowth, engine.storage.growthBytesPerDay);
    out.set(Metric::walBytes, engine.storage.walBytes);
    out.set(Metric::walPagesLeft, engine.checkpoints.pagesLeft);
    out.set(Metric::checkpointsByWriter, engine.checkpoints.byWriter);
    out.set(Metric::checkpointsInBackground, engine.checkpoints.inBackground);
    out.set(Metric::walWarnings, engine.storage.walWarnings);
    out.set(Metric::readsCut, engine.readsCut);
    out.set(Metric::backupsMade, engine.backups.made);
    out.set(Metric::backupsFailed, engine.backups.failed);
    out.set(Metric::backupLastPosition, engine.backups.position);
    out.set(Metric::backupLastTimestamp, engine.backups.at / 1000);
}

void addCluster(MetricSamples& out, const GatewayState& shared) {
    if (!shared.node) return;
    const NodeState node = shared.node->state();
    out.set(Metric::clusterLeader, node.leads ? 1 : 0);
    out.set(Metric::clusterEpoch, node.applied.epoch);
    out.set(Metric::clusterApplied, node.applied.sequence);
    out.set(Metric::clusterDurable, node.durable);
    out.set(Metric::clusterLag, static_cast<double>(node.behindFor.count()) / 1000);
    out.set(Metric::clusterAppends, "", node.appendDurations);
    out.set(Metric::clusterDurations, "", node.durableDurations);
    out.set(Metric::clusterAppendsRefused, node.appendsRefused);
    out.set(Metric::clusterForwarded, node.forwarded);
    out.set(Metric::clusterResent, node.resent);
    out.set(Metric::clusterElections, node.elections);
    out.set(Metric::clusterResubscribed, node.resubscribed);
    out.set(Metric::clusterWaiting, node.waitingRequests);
}

void addQueues(MetricSamples& out, const GatewayState& shared, const EngineCounters& engine) {
    const net::MailboxLoad mailbox = shared.server->mailbox();
    out.set(Metric::requestsRefused, engine.requestsRefused);
    out.set(Metric::requestsBusy,
            engine.requestsBusy + shared.requestsBusy.load(std::memory_order_relaxed));
    out.set(Metric::reads, engine.readsBegun);
    out.set(Metric::readsLarge, engine.largeReads);
    constexpr std::array<std::string_view, kReadSizeCount> kKinds{"small", "slice", "large"};
    for (std::size_t i = 0; i < kReadSizeCount; ++i) {
        out.set(Metric::readDuration, kKinds[i], engine.readDurations[i]);
    }
    out.set(Metric::readsFailed, engine.readsFailed);
    out.set(Metric::readsRepeated, shared.readsRepeated.load(std::memory_order_relaxed));
    out.set(Metric::readsWaiting, shared.readsWaiting.load(std::memory_order_relaxed));
    out.set(Metric::answersHeldBytes, shared.answersHeldBytes.load(std::memory_order_relaxed));
    out.set(Metric::readsBusy, engine.readsBusy + shared.readsBusy.load(std::memory_order_relaxed));
    out.set(Metric::malformedPackets, shared.malformed.sessions());
    out.set(Metric::requestsInFlight, shared.requestsInFlight.load(std::memory_order_relaxed));
    out.set(Metric::writerQueueRequests, engine.queueRequests);
    out.set(Metric::writerQueueBytes, engine.queueBytes);
    out.set(Metric::readerQueueLarge, engine.largeReadsQueued);
    out.set(Metric::readerQueueRequests, engine.readsQueued);
    out.set(Metric::mailboxTasks, mailbox.tasks);
    out.set(Metric::mailboxBytes, mailbox.bytes);
    out.set(Metric::conversationsLoaded, engine.conversationsLoaded);
    out.set(Metric::historyTailBytes, shared.tails.bytes());
    out.set(Metric::sqliteMemoryBytes, engine.sqliteBytes);
    out.set(Metric::connectionsJoined, engine.connectionsJoined);
    out.set(Metric::typingUsers, engine.typing);
    out.set(Metric::rooms, shared.rooms.load(std::memory_order_relaxed));
    out.set(Metric::sessionsStored, engine.sessionsStored);
    out.set(Metric::sessionsEvicted, engine.sessionsEvicted);
    out.set(Metric::sessionsNotStored, engine.sessionsNotStored);
    out.set(Metric::recoveredEvents, shared.recoveredEvents.load(std::memory_order_relaxed));
    out.set(Metric::sessionsResumed, engine.sessionsResumed);
    out.set(Metric::sessionsNotResumed, engine.sessionsNotResumed);
    out.set(Metric::roomMembers, shared.subscriptions.load(std::memory_order_relaxed));
}

void addTokens(MetricSamples& out, const GatewayState& shared) {
    const auto* auth = shared.authenticator;
    out.set(Metric::tokensAccepted, auth ? auth->accepted() : 0);
    out.set(Metric::tokensRemembered, auth ? auth->remembered() : 0);
    for (std::size_t i = 0; i < auth::kTokenFaultCount; ++i) {
        const auto fault = static_cast<auth::TokenFault>(i);
        out.set(Metric::tokensRefused, auth::tokenFaultName(fault),
                auth ? auth->refused(fault) : 0);
    }
    for (std::size_t i = 0; i < auth::kTokenFaultCount; ++i) {
        out.set(Metric::tokensEnded, auth::tokenFaultName(static_cast<auth::TokenFault>(i)),
                shared.tokensEnded[i].load(std::memory_order_relaxed));
    }
    out.set(Metric::identitiesRefused, shared.identitiesRefused.load(std::memory_order_relaxed));
}

void addLimits(MetricSamples& out, const Limits* limits) {
    for (std::size_t i = 0; i < kLimitCount; ++i) {
        out.set(Metric::rateLimited, kLimitLabels[i],
                limits ? limits->refused(static_cast<Limit>(i)) : 0);
    }
    out.set(Metric::rateLimitedClosed, limits ? limits->closed() : 0);
    out.set(Metric::usersCounted, limits ? limits->usersCounted() : 0);
    out.set(Metric::addressesCounted, limits ? limits->addressesCounted() : 0);
}

void addByTransport(MetricSamples& out, Metric metric, std::uint64_t polling,
                    std::uint64_t webSocket) {
    out.set(metric, "polling", polling);
    out.set(metric, "websocket", webSocket);
}

void addClients(MetricSamples& out, const GatewayState& shared, const net::Counters& net) {
    constexpr auto kPolling = static_cast<std::size_t>(engineio::TransportKind::polling);
    constexpr auto kWebSocket = static_cast<std::size_t>(engineio::TransportKind::webSocket);
    // The two are not of one moment.
    const auto polling = std::min(net.pollingOpen, net.sessionsOpen);
    addByTransport(out, Metric::clientsOpen, polling, net.sessionsOpen - polling);
    addByTransport(out, Metric::messagesReceived, net.messagesReceived[kPolling],
                   net.messagesReceived[kWebSocket]);
    addByTransport(out, Metric::messagesSent, net.messagesSent[kPolling],
                   net.messagesSent[kWebSocket]);
    for (std::size_t i = 0; i < engineio::kCloseReasonCount; ++i) {
        out.set(Metric::disconnects,
                engineio::closeReasonName(static_cast<engineio::CloseReason>(i)),
                shared.disconnects[i].load(std::memory_order_relaxed));
    }
    const auto users = shared.engine->presence().usersByRole();
    for (std::size_t i = 0; i < kUserRoles.size(); ++i) {
        out.set(Metric::usersOnline, kUserRoles[i].name, users[i]);
    }
    out.set(Metric::usersOnline, "none", users.back());
    out.set(Metric::pingRoundTrip, "", net.pingRoundTrips);
}

void addHttp(MetricSamples& out, const net::Counters& net) {
    constexpr std::array<std::string_view, net::kStatusClassCount> kClasses{"2xx", "3xx", "4xx",
                                                                            "5xx"};
    for (std::size_t route = 0; route < routeNumbersEnd(); ++route) {
        for (std::size_t i = 0; i < net::kStatusClassCount; ++i) {
            out.set(Metric::httpRequests, routeName(route) + ',' + std::string(kClasses[i]),
                    net.answers[route][i]);
        }
    }
}

void addWaiting(MetricSamples& out, const GatewayState& shared) {
    const auto found = shared.waiting ? shared.waiting->take() : std::nullopt;
    if (!found) return;
    out.set(Metric::conversations, "active", found->active);
    out.set(Metric::conversations, "waiting", found->waiting);
    const auto since = found->longest.value_or(shared.clock.now());
    const auto waited = std::max<std::int64_t>(0, shared.clock.now().value - since.value);
    out.set(Metric::longestWait, static_cast<double>(waited) / 1000);
}

void addNetwork(MetricSamples& out, const net::Counters& net) {
    out.set(Metric::connectionsAccepted, net.connectionsAccepted);
    out.set(Metric::connectionsOpen, net.connectionsOpen);
    out.set(Metric::webSocketsOpen, net.webSocketsOpen);
    out.set(Metric::sessionsOpen, net.sessionsOpen);
    out.set(Metric::pollsParked, net.pollsParked);
    out.set(Metric::timers, net.timers);
    out.set(Metric::bytesIn, net.bytesIn);
    out.set(Metric::bytesOut, net.bytesOut);
    out.set(Metric::framesOut, net.framesOut);
    out.set(Metric::outboxBytes, net.outboxBytes);
    out.set(Metric::clientsPaused, net.clientsPaused);
    out.set(Metric::framesDropped, net.framesDropped);
    out.set(Metric::slowClientsClosed, net.slowClientsClosed);
    out.set(Metric::pingTimeouts, net.pingTimeouts);
    out.set(Metric::tlsHandshakes, "full", net.handshakesFull);
    out.set(Metric::tlsHandshakes, "resumed", net.handshakesResumed);
    out.set(Metric::tlsHandshakes, "failed", net.handshakesFailed);
    if (net.certificateEnds) {
        out.set(Metric::tlsCertificateEnds, net.certificateEnds->value / 1000);
    }
    out.set(Metric::acceptPauses, net.acceptPauses);
    out.set(Metric::acceptPaused, net.acceptPaused ? 1 : 0);
    for (std::size_t i = 0; i < net::kRefusedCount; ++i) {
        out.set(Metric::connectionsRefused, net::refusedName(static_cast<net::Refused>(i)),
                net.refused[i]);
    }
}

void addProcess(MetricSamples& out, const GatewayState& shared) {
    const ProcessUsage usage = processUsage();
    const double now = static_cast<double>(shared.clock.now().value) / 1000;
    out.set(Metric::buildInfo, shared.options.version, 1);
    out.set(Metric::uptime, std::max(now - usage.startedAt, 0.0));
    out.set(Metric::draining, shared.draining.load(std::memory_order_relaxed) ? 1 : 0);
    out.set(Metric::configReloadSuccess,
            shared.reloadFailed.load(std::memory_order_relaxed) ? 0 : 1);
    const LogCounts lines = logCounts();
    out.set(Metric::logMessages, "info", lines.info);
    out.set(Metric::logMessages, "warn", lines.warn);
    out.set(Metric::logMessages, "error", lines.error);
    out.set(Metric::processStartTime, usage.startedAt);
    out.set(Metric::processCpu, usage.cpuSeconds);
    out.set(Metric::processResidentBytes, usage.residentBytes);
    out.set(Metric::processVirtualBytes, usage.virtualBytes);
    out.set(Metric::processOpenFds, usage.openDescriptors);
    out.set(Metric::processMaxFds, usage.descriptorsMax);
}

prometheus::MetricType typeOf(MetricKind kind) {
    switch (kind) {
        case MetricKind::counter: return prometheus::MetricType::Counter;
        case MetricKind::gauge: return prometheus::MetricType::Gauge;
        case MetricKind::histogram: break;
    }
    return prometheus::MetricType::Histogram;
}

prometheus::MetricFamily familyOf(const MetricInfo& info) {
    prometheus::MetricFamily family;
    family.name = info.name;
    family.help = info.help;
    family.type = typeOf(info.kind);
    return family;
}

prometheus::ClientMetric::Histogram histogramOf(const HistogramValues& values) {
    prometheus::ClientMetric::Histogram histogram;
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < values.counts.size(); ++i) {
        cumulative += values.counts[i];
        const bool last = i == values.scale->bounds.size();
        const double bound =
            last ? std::numeric_limits<double>::infinity()
                 : static_cast<double>(values.scale->bounds[i]) * values.scale->unit;
        histogram.bucket.push_back({cumulative, bound});
    }
    histogram.sample_count = cumulative;
    histogram.sample_sum = static_cast<double>(values.sum) * values.scale->unit;
    return histogram;
}

// The next one of the parts that commas separate; takes it from `list`.
std::string nextOf(std::string_view& list) {
    const auto part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    return std::string(part);
}

prometheus::ClientMetric valueOf(const MetricInfo& info, const MetricSamples::Sample& sample) {
    prometheus::ClientMetric metric;
    std::string_view values = sample.label;
    for (std::string_view names = info.label; !names.empty();) {
        metric.label.push_back({nextOf(names), nextOf(values)});
    }
    if (sample.histogram) {
        metric.histogram = histogramOf(*sample.histogram);
    } else {
        (info.kind == MetricKind::counter ? metric.counter.value : metric.gauge.value) =
            sample.value;
    }
    return metric;
}

std::string textOf(const MetricSamples& samples) {
    std::vector<prometheus::MetricFamily> families;
    for (const auto& sample : samples.all()) {
        const auto& info = metricInfo(sample.metric);
        if (families.empty() || families.back().name != info.name) {
            families.push_back(familyOf(info));
        }
        families.back().metric.push_back(valueOf(info, sample));
    }
    return prometheus::TextSerializer().Serialize(families);
}

}  // namespace

std::string metricsText(const GatewayState& shared) {
    MetricSamples out;
    const EngineCounters engine = shared.engine->counters();
    addLog(out, engine);
    if (shared.follower) out.set(Metric::auditLag, shared.follower->lag());
    out.set(Metric::verifiedPosition, shared.verifier ? shared.verifier->verified().value : 0);
    addStorage(out, engine);
    addQueues(out, shared, engine);
    addCluster(out, shared);
    addTokens(out, shared);
    addLimits(out, shared.limits);
    const net::Counters net = shared.server->counters();
    RequestMeter::addTo(out, shared.meters);
    addHttp(out, net);
    addClients(out, shared, net);
    addWaiting(out, shared);
    addNetwork(out, net);
    addProcess(out, shared);
    return textOf(out);
}

}  // namespace parley
