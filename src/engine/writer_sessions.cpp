#include "engine/writer.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>

#include <algorithm>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSweepEveryMax = std::chrono::hours(1);
constexpr milliseconds kSweepEveryMin{50};

UnixMillis minus(UnixMillis at, milliseconds span) {
    return {at.value - span.count()};
}

}  // namespace

// When a session is noted as seen: not before the log's last time, or a clock that was behind for a
// while would make it look long gone afterwards.
UnixMillis Writer::seenNow() const {
    return std::max(clock_.now(), log_->head().at);
}

// The row of a connection's session, made when first needed; 0 where the connection has no
// session. REQUIRES nothing open: begins the batch's transaction.
Result<std::int64_t> Writer::sessionRow(ConnectionId connection) {
    const auto* session = sessions_.find(connection);
    if (session == nullptr) return std::int64_t{0};
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    if (session->row != 0) return session->row;
    auto room = makeRoomForSession();
    if (!room) return storageBroke(room.error());
    if (!*room) {
        // It is nobody's any more: stored later, it would lack what was subscribed to before.
        sessions_.erase(connection);
        notStored_.fetch_add(1, std::memory_order_relaxed);
        return std::int64_t{0};
    }
    HeldSession stored{session->pid, 0, 0};
    auto row = sessionStore_.insert(stored.pid);
    if (!row) return storageBroke(row.error());
    stored.row = *row;
    ++sessionsAddedInBatch_;
    sessions_.put(connection, stored);
    return row;
}

// Where there are as many sessions as there may be, the one goes that dropped first. False where
// all of them have a connection.
Result<bool> Writer::makeRoomForSession() {
    if (sessionCount() < options_.sessionsMax) return true;
    if (auto written = writeDrops(); !written) return written.error();
    auto gone = removeDroppedBefore(kConnected, 1);
    if (!gone) return gone.error();
    sessionsAddedInBatch_ -= *gone;
    evicted_.fetch_add(static_cast<std::uint64_t>(*gone), std::memory_order_relaxed);
    return *gone == 1;
}

std::size_t Writer::sessionCount() const {
    return static_cast<std::size_t>(sessionsStored_.load(std::memory_order_relaxed) +
                                    sessionsAddedInBatch_);
}

Result<void> Writer::writeDrops() {
    for (const auto& [row, at] : sessions_.drops()) {
        if (sessions_.holds(row)) continue;  // it is back
        if (auto set = sessionStore_.setDropped(row, at); !set) return set;
    }
    sessions_.dropsWritten();
    return {};
}

// Removes up to `limit` sessions, the first to drop first; returns how many. A row may say that its
// session dropped although it was resumed since: coming back writes nothing, this puts it right.
Result<int> Writer::removeDroppedBefore(UnixMillis before, int limit) {
    for (int removed = 0; removed < limit;) {
        auto rows = sessionStore_.droppedBefore(before, limit - removed);
        if (!rows) return rows.error();
        if (rows->empty()) return removed;
        for (const auto row : *rows) {
            const bool held = sessions_.holds(row);
            auto done = held ? sessionStore_.setDropped(row, kConnected) : removeSession(row);
            if (!done) return done.error();
            if (!held) ++removed;
        }
    }
    return limit;
}

Result<void> Writer::removeSession(std::int64_t row) {
    sessions_.removed(row);
    return sessionStore_.remove(row);
}

Result<void> Writer::joinInSession(ConnectionId connection, const Identity& identity) {
    auto row = sessionRow(connection);
    if (!row) return row.error();
    if (*row == 0) return {};
    auto joined = sessionStore_.join(*row, identity, log_->head().position);
    if (!joined) return storageBroke(joined.error());
    return {};
}

Result<void> Writer::leaveInSession(ConnectionId connection, ConversationKey room) {
    const auto* session = sessions_.find(connection);
    if (session == nullptr || session->row == 0) return {};
    HeldSession held = *session;
    if (auto begun = ensureTransaction(); !begun) return begun;
    auto forgotten = sessionStore_.leave(held.row, room);
    if (!forgotten) return storageBroke(forgotten.error());
    held.own -= std::min(held.own, static_cast<std::size_t>(*forgotten));
    sessions_.put(connection, held);
    return {};
}

Result<void> Writer::watchDashboard(ConnectionId connection, bool watch) {
    const auto* session = sessions_.find(connection);
    if (session == nullptr || (!watch && session->row == 0)) return {};
    auto row = sessionRow(connection);
    if (!row) return row.error();
    if (*row == 0) return {};
    auto set = sessionStore_.setDashboard(
        *row, watch ? std::optional(log_->head().position) : std::nullopt);
    if (!set) return storageBroke(set.error());
    return {};
}

// Who joins and leaves is told to the room without the sender: a replay must leave it out too,
// and the log does not know from which connection an event came. What a session caused before it
// was in the room is not replayed anyway.
Result<void> Writer::noteOwn(ConnectionId connection,
                             const std::vector<ProjectionUpdate>& updates) {
    for (const auto& update : updates) {
        const auto* session = sessions_.find(connection);
        if (session == nullptr) return {};
        const auto* added = std::get_if<ParticipantAdded>(&update);
        const auto* removed = std::get_if<ParticipantRemoved>(&update);
        if (!added && !removed) continue;
        const Event& event = added ? *added->event : *removed->event;
        const auto room = event.conversationKey;
        if (session->row == 0 || !connections_.find(connection, room)) continue;
        if (auto begun = ensureTransaction(); !begun) return begun;
        HeldSession held = *session;
        if (++held.own > 2 * options_.roomsPerConnectionMax) return endSession(connection);
        auto noted = sessionStore_.addOwn(held.row, room, event.position);
        if (!noted) return storageBroke(noted.error());
        sessions_.put(connection, held);
    }
    return {};
}

// The session's row goes, if it has one, and the connection has none from here on.
Result<void> Writer::endSession(ConnectionId connection) {
    const auto row = sessions_.find(connection)->row;
    if (row != 0) {
        if (auto begun = ensureTransaction(); !begun) return begun;
        if (auto removed = removeSession(row); !removed) return storageBroke(removed.error());
        --sessionsAddedInBatch_;
    }
    sessions_.erase(connection);
    return {};
}

Result<void> Writer::closeSession(ConnectionId connection, bool ends) {
    if (sessions_.find(connection) == nullptr) return {};
    if (ends) return endSession(connection);
    sessions_.drop(connection, seenNow());
    return {};
}

void Writer::resume(Outcome& outcome, const ResumeSession& request) {
    auto gap = gapOf(request, outcome);
    if (!gap) {
        outcome.reply = storageBroke(gap.error());
        return;
    }
    if (*gap) {
        resumed_.fetch_add(1, std::memory_order_relaxed);
    } else {
        notResumed_.fetch_add(1, std::memory_order_relaxed);
        sessions_.put(outcome.origin.connection, {request.fresh, 0, 0});
    }
    outcome.reply = Reply(Resumed{std::move(*gap)});
}

// What the session missed; nothing when it is not to be resumed. When it is, the connection holds
// it from here on, and whoever held it before no longer does.
Result<std::optional<Gap>> Writer::gapOf(const ResumeSession& request, Outcome& outcome) {
    const auto connection = outcome.origin.connection;
    Gap gap;
    gap.upTo = log_->head().position;
    const Cursor cursor = request.cursor.value_or(Cursor{});
    auto ours = isOfThisHistory(cursor);
    if (!ours) return ours.error();
    if (!*ours) return std::optional<Gap>();

    auto stored = sessionStore_.find(request.pid);
    if (!stored) return stored.error();
    const auto holder = sessions_.holderOf(request.pid);
    if (!*stored && !holder) return std::optional<Gap>();
    HeldSession held{request.pid, 0, 0};
    if (*stored) {
        if (!holder && isOver(**stored)) return std::optional<Gap>();
        held.row = (*stored)->row;
        auto ended = forgetEnded(**stored, cursor.room);
        if (!ended) return ended.error();
        if (!*ended) return std::optional<Gap>();
        for (const auto& room : (*stored)->rooms) {
            gap.rooms.push_back({room.identity.conversation,
                                 Viewer::of(room.identity.userKey, room.identity.role),
                                 std::max(room.since, cursor.room), room.until});
        }
        gap.typing = typingIn((*stored)->rooms);
        if (const auto since = (*stored)->dashboard) {
            gap.dashboardAfter = std::max(*since, cursor.dashboard);
        }
    }
    auto tooFar = isTooFar(gap);
    if (!tooFar) return tooFar.error();
    if (*tooFar) return std::optional<Gap>();
    if (held.row != 0) {
        auto own = takeOwn(held, cursor.room);
        if (!own) return own.error();
        gap.own = std::move(*own);
    }

    if (holder && holder != connection) {
        outcome.takenOver = holder;
        connections_.close(holder);
        sessions_.erase(holder);
    }
    sessions_.put(connection, held);
    if (*stored) {
        for (auto& room : (*stored)->rooms) {
            if (!room.until) connections_.join(connection, room.identity);
        }
    }
    return std::optional<Gap>(std::move(gap));
}

// Forgets the subscriptions that a removal ended and whose end the session was told. False: there
// are so many others that some are known no more.
Result<bool> Writer::forgetEnded(StoredSession& session, Position received) {
    const auto told = [&](const StoredRoom& room) { return room.until && *room.until <= received; };
    if (std::erase_if(session.rooms, told) > 0) {
        if (auto begun = ensureTransaction(); !begun) return begun.error();
        auto forgotten = sessionStore_.forgetEnded(session.row, received);
        if (!forgotten) return forgotten.error();
    }
    const auto ended = std::count_if(session.rooms.begin(), session.rooms.end(),
                                     [](const StoredRoom& room) { return room.until; });
    return static_cast<std::size_t>(ended) <= options_.roomsPerConnectionMax;
}

bool Writer::isOver(const StoredSession& stored) const {
    const auto& drops = sessions_.drops();
    const auto drop = drops.find(stored.row);
    const auto droppedAt = drop == drops.end() ? stored.droppedAt : drop->second;
    return droppedAt < minus(clock_.now(), options_.sessionRetention) && trustsClock();
}

// The session's own events after `received`; those up to there are forgotten, as it will not come
// back to before them. On a full disk they stay.
Result<std::vector<Position>> Writer::takeOwn(HeldSession& held, Position received) {
    auto own = sessionStore_.ownAfter(held.row, received);
    if (!own) return own;
    auto before = sessionStore_.ownUpTo(held.row, received);
    if (!before) return before.error();
    held.own = own->size();
    if (*before == 0) return own;
    if (space_.full()) {
        held.own += static_cast<std::size_t>(*before);
        return own;
    }
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    if (auto forgot = sessionStore_.forgetOwn(held.row, received); !forgot) return forgot.error();
    return own;
}

// Not one of a history that was taken back, whose positions may be this one's too by now. Without a
// fingerprint only its position can tell.
Result<bool> Writer::isOfThisHistory(const Cursor& cursor) {
    if (cursor.fingerprint) return events_.has(cursor.dashboard, *cursor.fingerprint);
    return cursor.dashboard <= log_->head().position;
}

Result<bool> Writer::isTooFar(const Gap& gap) {
    if (gap.dashboardAfter) {
        return gap.upTo.value - gap.dashboardAfter->value > options_.replayEventsMax;
    }
    Position first = gap.upTo;
    for (const auto& room : gap.rooms) first = std::min(first, room.after);
    if (gap.upTo.value - first.value <= options_.replayEventsMax) return false;
    std::int64_t events = 0;
    for (const auto& room : gap.rooms) {
        auto count =
            seqs_.countBetween(room.conversation, room.after, room.until.value_or(gap.upTo));
        if (!count) return count.error();
        events += *count;
    }
    return events > options_.replayEventsMax;
}

// At a quiet moment, or when none comes: deletes the sessions whose time is over, a few at a time.
void Writer::sweepIfDue() {
    const auto every = std::clamp(options_.sessionRetention / 16, kSweepEveryMin, kSweepEveryMax);
    const auto now = clock_.monotonic();
    const bool due = !dead_ && now >= std::max(sweepAt_, upkeepFrom()) &&
                     (batch_.empty() || now >= sweepAt_ + every);
    if (!due) return;
    const bool more = trySweep();
    sweepAt_ = now + (more ? kSweepEveryMin : every);
}

// Whether there is more to do.
bool Writer::trySweep() {
    auto more = sweep();
    if (more) return *more;
    db_.rollback();
    sessions_.rolledBack();
    logger().warn("session_sweep_failed message=\"{}\"", more.error().message);
    if (db_.mustStop()) die(more.error());
    return false;
}

Result<bool> Writer::sweep() {
    constexpr int limit = limits::kSessionsSweptMax;
    const auto expired =
        trustsClock() ? minus(clock_.now(), options_.sessionRetention) : UnixMillis{};
    const auto excess = static_cast<int>(std::min<std::int64_t>(
        limit, static_cast<std::int64_t>(sessionCount()) -
                   static_cast<std::int64_t>(options_.sessionsMax)));  // of a larger sessions.max
    auto due = sessionStore_.droppedBefore(excess > 0 ? kConnected : expired, 1);
    if (!due) return due.error();
    if (due->empty() && sessions_.drops().empty()) return false;
    if (auto begun = beginTransaction(); !begun) return begun.error();
    if (auto written = writeDrops(); !written) return written.error();
    auto gone = removeDroppedBefore(expired, limit);
    if (!gone) return gone.error();
    int evicted = 0;
    if (excess > *gone) {
        auto more = removeDroppedBefore(kConnected, excess - *gone);
        if (!more) return more.error();
        evicted = *more;
    }
    if (auto committed = commit(); !committed) return committed.error();
    sessions_.committed();
    sessionsStored_.fetch_sub(*gone + evicted, std::memory_order_relaxed);
    evicted_.fetch_add(static_cast<std::uint64_t>(evicted), std::memory_order_relaxed);
    return *gone + evicted == limit;
}

// Sessions that a crash left with a connection: it is gone. On a full disk they are kept as such.
void Writer::noteCrashedSessions() {
    auto noted = sessionStore_.allDropped(seenNow());
    if (!noted) logger().warn("session_drops_not_noted message=\"{}\"", noted.error().message);
}

}  // namespace parley
