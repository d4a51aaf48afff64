#include "engine/batch/batch.h"

#include "engine/work_traits.h"

#include <parley/core/logging.h>
#include <parley/core/process_usage.h>

#include <iterator>
#include <string>
#include <utility>

namespace parley {
namespace {

std::string limitText() {
    const auto limit = fileSizeLimit();
    return limit ? std::to_string(*limit) : "none";
}

// What one node decides and what another one has decided are never in one unit of work.
bool mayCarryOut(bool leads, const Work& work) {
    return leads != std::holds_alternative<ApplyUnits>(work);
}

}  // namespace

/// One request, carried out. No overload takes everything: a new kind of work does not compile.
struct Batch::CarryOut {
    const Parts& parts;
    Outcome& outcome;
    std::vector<Outcome>& outcomes;  ///< others that it has

    void operator()(Command& command) const { parts.commands.carryOut(command, outcome); }
    void operator()(const Barrier&) const { done(); }
    void operator()(const OpenSession& opened) const {
        parts.sessions.open(outcome.origin.connection, opened.pid, outcome.origin.principal);
        done();
    }
    void operator()(const ResumeSession& request) const { parts.resume.carryOut(request, outcome); }
    void operator()(const WatchDashboard& dashboard) const {
        done();
        const auto connection = outcome.origin.connection;
        auto watched = parts.sessions.watchDashboard(connection, dashboard);
        if (!watched) {
            outcome.reply = watched.error();
            return;
        }
        const PresentUser user{dashboard.user, dashboard.role};
        parts.live.connections.followDashboard(
            connection, dashboard.watch ? std::optional(user) : std::nullopt);
    }
    void operator()(const RecordAudit& record) const {
        const auto appended = parts.system.append(auditRead(record.question));
        done();
        if (!appended) outcome.reply = appended.error();
    }
    void operator()(const ConnectionClosed& closed) const {
        done();
        close(outcome.origin.connection, closed.sessionEnds);
    }
    void operator()(const ConnectionsGone& gone) const {
        done();
        for (const auto connection : parts.live.between(gone.first, gone.last)) {
            close(connection, false);
            // Where it is there after all, it receives nothing more: its client is to come back.
            auto& sentAway = outcomes.emplace_back();
            sentAway.takenOver = connection;
            sentAway.comesBack = true;
            sentAway.answered = false;
            sentAway.upTo = parts.unit.head().position;
        }
    }
    void operator()(const ApplyUnits& apply) const {
        for (const auto& unit : apply.units) {
            auto applied = parts.applier.apply(*unit);
            if (!applied) {
                outcome.reply = applied.error();
                return;
            }
            std::move(applied->begin(), applied->end(), std::back_inserter(outcomes));
            parts.joinViews.complete();  // it was a batch where it was decided
        }
        done();
    }
    // No reply is waited for: an error has been noted and fails the batch.
    void close(ConnectionId connection, bool sessionEnds) const {
        for (const auto& typing : parts.live.typing.of(connection)) {
            if (!parts.commands.endTyping(typing, cause::kDisconnect, outcome)) return;
        }
        parts.live.connections.close(connection);
        static_cast<void>(parts.sessions.close(connection, sessionEnds).ok());
    }
    void done() const { outcome.reply = Reply(DoneReply{parts.unit.head().position}); }
};

/// One request of a batch that could not be stored: what happens all the same, without the storage.
struct Batch::Fail {
    const Parts& parts;
    Outcome& outcome;

    void operator()(const Command&) const {}
    void operator()(const ResumeSession&) const {}
    void operator()(const WatchDashboard&) const {}
    void operator()(const RecordAudit&) const {}
    void operator()(const ConnectionsGone&) const {}
    void operator()(const ApplyUnits&) const {}
    void operator()(const Barrier&) const {
        outcome.reply = Reply(DoneReply{parts.unit.head().position});
    }
    void operator()(const OpenSession& opened) const {
        parts.sessions.open(outcome.origin.connection, opened.pid, outcome.origin.principal);
    }
    void operator()(const ConnectionClosed&) const {
        parts.live.connections.close(outcome.origin.connection);
        static_cast<void>(parts.sessions.close(outcome.origin.connection, false).ok());
    }
};

std::optional<BatchOutcome> Batch::carryOut(std::vector<Request>& requests) {
    // One answer for all of the batch.
    const bool leads = !parts_.replication || parts_.replication->leads();
    std::vector<Request> asked;  // as they came
    if (parts_.replication && leads) asked = requests;
    auto batch = decideAndAppend(requests, leads);
    if (auto done = commit(batch.outcomes, leads); !done) {
        if (parts_.unit.fatal()) return std::nullopt;
        if (parts_.unit.wasTooLarge()) return carryOutInParts(std::move(asked), done.error());
        batch = fail(requests, done.error());
    }
    noteSizes();
    return batch;
}

// Nothing of them happened.
std::optional<BatchOutcome> Batch::carryOutInParts(std::vector<Request> requests,
                                                   const Error& error) {
    auto parts = partsOf(std::move(requests));
    if (parts.size() == 1) return refuse(parts.front().front(), error);
    BatchOutcome all;
    for (auto& part : parts) {
        auto batch = carryOut(part);
        if (!batch) return std::nullopt;
        all.hasFailed = all.hasFailed || batch->hasFailed;
        std::move(batch->outcomes.begin(), batch->outcomes.end(), std::back_inserter(all.outcomes));
    }
    return all;
}

// Two halves; one request alone where it cannot be divided.
std::vector<std::vector<Request>> Batch::partsOf(std::vector<Request> requests) const {
    if (requests.size() > 1) {
        const auto half = requests.begin() + static_cast<std::ptrdiff_t>(requests.size() / 2);
        std::vector<Request> second(std::make_move_iterator(half),
                                    std::make_move_iterator(requests.end()));
        requests.erase(half, requests.end());
        return {std::move(requests), std::move(second)};
    }
    const auto* gone = std::get_if<ConnectionsGone>(&requests.front().work);
    const auto connections =
        gone ? parts_.live.between(gone->first, gone->last) : std::vector<ConnectionId>();
    if (connections.size() < 2) return {std::move(requests)};
    const auto middle = connections[connections.size() / 2];
    const auto& origin = requests.front().origin;
    return {{{origin, ConnectionsGone{gone->first, {middle.value - 1}}}},
            {{origin, ConnectionsGone{middle, gone->last}}}};
}

// Other nodes may wait for the outcome, so it takes the way of all outcomes.
std::optional<BatchOutcome> Batch::refuse(const Request& request, const Error& error) {
    logger().warn("unit_too_large message=\"{}\"", error.message);
    BatchOutcome batch;
    auto& outcome = batch.outcomes.emplace_back();
    outcome.origin = request.origin;
    outcome.reply = error;
    outcome.answered = isAnswered(request.work);
    outcome.upTo = parts_.unit.head().position;
    auto done = commit(batch.outcomes, true);
    if (done) return batch;
    if (parts_.unit.fatal()) return std::nullopt;
    return fail({request}, done.error());
}

BatchOutcome Batch::decideAndAppend(std::vector<Request>& requests, bool leads) {
    BatchOutcome batch;
    batch.outcomes.reserve(requests.size());
    std::vector<Outcome> others;
    for (auto& request : requests) {
        auto& outcome = batch.outcomes.emplace_back();
        outcome.origin = request.origin;
        outcome.sender = request.origin.connection;
        outcome.answered = isAnswered(request.work);
        if (parts_.replication && !mayCarryOut(leads, request.work)) {
            outcome.reply = Error{ErrorCode::unavailable, "another node of the cluster decides"};
            continue;
        }
        std::visit(CarryOut{parts_, outcome, others}, request.work);
        outcome.upTo = parts_.unit.head().position;
        std::move(others.begin(), others.end(), std::back_inserter(batch.outcomes));
        others.clear();
        if (parts_.unit.hasFailed()) break;
    }
    parts_.joinViews.complete();
    return batch;
}

Result<void> Batch::commit(const std::vector<Outcome>& outcomes, bool leads) {
    if (parts_.replication && leads && parts_.replication->isNeeded(outcomes)) {
        static_cast<void>(parts_.unit.begin().ok());  // an error fails the unit
    }
    const bool writes = parts_.unit.isOpen();
    auto done = parts_.unit.finish(outcomes);
    if (done && writes) committed_.fetch_add(1, std::memory_order_relaxed);
    return done;
}

// Nothing of the batch happened: every request of it is told so.
BatchOutcome Batch::fail(const std::vector<Request>& requests, const Error& error) {
    noteFailure(error);
    BatchOutcome batch;
    batch.hasFailed = true;
    for (const auto& request : requests) {
        auto& outcome = batch.outcomes.emplace_back();
        outcome.origin = request.origin;
        outcome.reply = error;
        outcome.answered = isAnswered(request.work);
        // In a cluster it is asked again of the node that leads then.
        if (!parts_.replication) std::visit(Fail{parts_, outcome}, request.work);
    }
    static_cast<void>(parts_.unit.finish().ok());  // it has written nothing that could fail
    return batch;
}

void Batch::noteFailure(const Error& error) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    if (error.code != ErrorCode::storage_full) return;
    if (!parts_.space.full()) {
        logger().error("storage_full head={} file_size_limit={}", parts_.unit.head().position.value,
                       limitText());
    }
    parts_.space.foundNoRoom(clock_.monotonic());
}

void Batch::noteSizes() {
    connections_.store(parts_.live.connections.size(), std::memory_order_relaxed);
    typing_.store(parts_.live.typing.size(), std::memory_order_relaxed);
    conversations_.store(parts_.live.conversations.size(), std::memory_order_relaxed);
}

void Batch::addTo(EngineCounters& counters) const {
    counters.batchesCommitted = committed_.load(std::memory_order_relaxed);
    counters.batchesFailed = failed_.load(std::memory_order_relaxed);
    counters.connectionsJoined = connections_.load(std::memory_order_relaxed);
    counters.typing = typing_.load(std::memory_order_relaxed);
    counters.conversationsLoaded = conversations_.load(std::memory_order_relaxed);
}

}  // namespace parley
