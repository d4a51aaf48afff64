#include "cluster/inbox.h"

#include <utility>

namespace parley {

void Inbox::begin(std::uint64_t epoch) {
    if (std::exchange(epoch_, epoch) != epoch) senders_.clear();
}

void Inbox::take(RequestMessage message) {
    const bool isForHere = message.epoch == epoch_ && epoch_ != 0;
    if (!isForHere || message.node == 0 || message.node > kNodesMax || message.run > 65535) return;
    const RunId run{static_cast<std::uint16_t>(message.node),
                    static_cast<std::uint16_t>(message.run)};
    auto* sender = senderOf(run);
    if (!sender) return;
    // What is before its base was given up where it did not come.
    if (message.base > sender->next) sender->next = message.base;
    auto number = message.first;
    for (auto& request : message.requests) {
        if (number > sender->next) return;
        if (number++ < sender->next) continue;
        const auto connection = request.origin.connection;
        const bool isIts = !connection || ClusterConnection::localOf(run, connection);
        if (!isIts) return;
        request.origin.replyTo = ReplyTo(RequestTag{run, sender->next});
        if (!engine_.submit(std::move(request)).ok()) return;
        ++sender->next;
    }
}

void Inbox::heard(RunId run) {
    if (epoch_ != 0) senderOf(run);
}

// Null where the run has ended, and this is late, or where the engine is full. Connections of the
// node's other runs ended with them.
Inbox::Sender* Inbox::senderOf(RunId run) {
    const auto known = senders_.find(run.node);
    if (known != senders_.end()) {
        if (known->second.run == run.run) return &known->second;
        if (isLateRun(run.run, known->second.run)) return nullptr;
    }
    const auto first = ClusterConnection::firstOf(run);
    const auto last = ClusterConnection::lastOf(run);
    const bool areClosed = close(ClusterConnection::firstOf(run.node), {first.value - 1}) &&
                           close({last.value + 1}, ClusterConnection::lastOf(run.node));
    if (!areClosed) return nullptr;
    return &(senders_[run.node] = Sender{run.run});
}

bool Inbox::close(ConnectionId first, ConnectionId last) {
    if (last < first) return true;
    return engine_.submit({{}, ConnectionsGone{first, last}}).ok();
}

void Inbox::lose(std::uint16_t node) {
    close(ClusterConnection::firstOf(node), ClusterConnection::lastOf(node));
}

}  // namespace parley
