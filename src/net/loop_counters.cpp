#include "net/loop_counters.h"

namespace parley::net {

void LoopCounters::publish(const engineio::EndpointCounters& engine, std::size_t sessions) {
    set(sessions_, sessions);
    set(framesDroppedPolling_, engine.framesDropped);
    set(slowPollers_, engine.slowClients);
    set(pingTimeouts_, engine.pingTimeouts);
    set(pollsParked_, engine.pollsParked);
    set(pollersPaused_, engine.pollersOver);
    set(pollBytes_, engine.queuedBytes);
    set(refusedFull_, engine.refusedFull);
    set(refusedDraining_, engine.refusedDraining);
    set(refusedCredentials_, engine.refusedCredentials);
    set(pollingOpen_, engine.pollingOpen);
    for (std::size_t i = 0; i < engineio::kTransportKindCount; ++i) {
        set(received_[i], engine.received[i]);
        set(sent_[i], engine.sent[i]);
    }
}

void LoopCounters::addTo(Counters& sum) const {
    sum.connectionsAccepted += get(accepted);
    sum.webSocketsOpen += get(webSocketsOpen);
    sum.sessionsOpen += get(sessions_);
    sum.bytesIn += get(bytesIn);
    sum.bytesOut += get(bytesOut);
    sum.framesOut += get(framesOut);
    sum.framesDropped += get(framesDropped) + get(framesDroppedPolling_);
    sum.slowClientsClosed += get(slowClientsClosed) + get(slowPollers_);
    sum.pingTimeouts += get(pingTimeouts_);
    sum.acceptPauses += get(acceptPauses);
    sum.handshakesFull += get(handshakesFull);
    sum.handshakesResumed += get(handshakesResumed);
    sum.handshakesFailed += get(handshakesFailed);
    sum.acceptPaused |= acceptPaused.load(std::memory_order_relaxed);
    sum.outboxBytes += outputBytes();
    sum.clientsPaused += get(clientsPaused) + get(pollersPaused_);
    sum.pollsParked += get(pollsParked_);
    sum.timers += get(timers);
    for (std::size_t i = 0; i < kRefusedCount; ++i) sum.refused[i] += get(refused_[i]);
    sum.refused[static_cast<std::size_t>(Refused::sessionLimit)] += get(refusedFull_);
    sum.refused[static_cast<std::size_t>(Refused::draining)] += get(refusedDraining_);
    sum.refused[static_cast<std::size_t>(Refused::credentials)] += get(refusedCredentials_);
    sum.pollingOpen += get(pollingOpen_);
    for (std::size_t i = 0; i < engineio::kTransportKindCount; ++i) {
        sum.messagesReceived[i] += get(received_[i]);
        sum.messagesSent[i] += get(sent_[i]);
    }
    for (std::size_t route = 0; route < kRoutesMax; ++route) {
        for (std::size_t i = 0; i < kStatusClassCount; ++i) {
            sum.answers[route][i] += get(answers_[route][i]);
        }
    }
}

}  // namespace parley::net
