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
Result<std::int64_t> Writer::sessionRow(std::uint64_t connection) {
    const auto* session = sessions_.find(connection);
    if (session == nullptr) return std::int64_t{0};
    if (auto begun = ensureTransaction(); !begun) return begun.error();
    if (session->row != 0) return session->row;
    HeldSession stored{session->pid, 0, seenNow()};
    auto row = sessionStore_.insert(stored.pid, stored.seenAt);
    if (!row) return storageBroke(row.error());
    stored.row = *row;
    ++sessionsAddedInBatch_;
    sessions_.put(connection, stored);
    return row;
}

Result<void> Writer::joinInSession(std::uint64_t connection, const Identity& identity) {
    auto row = sessionRow(connection);
    if (!row) return row.error();
    if (*row == 0) return {};
    auto joined = sessionStore_.join(*row, identity, log_->head().position);
    if (!joined) return storageBroke(joined.error());
    return {};
}

Result<void> Writer::leaveInSession(std::uint64_t connection, ConversationKey room) {
    auto row = sessionRow(connection);
    if (!row) return row.error();
    if (*row == 0) return {};
    auto left = sessionStore_.leave(*row, room);
    if (!left) return storageBroke(left.error());
    return {};
}

Result<void> Writer::watchDashboard(std::uint64_t connection, bool watch) {
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
Result<void> Writer::noteOwn(std::uint64_t connection,
                             const std::vector<ProjectionUpdate>& updates) {
    if (sessions_.find(connection) == nullptr) return {};
    for (const auto& update : updates) {
        const auto* added = std::get_if<ParticipantAdded>(&update);
        const auto* removed = std::get_if<ParticipantRemoved>(&update);
        if (!added && !removed) continue;
        const auto room = added ? added->conversationKey : removed->conversationKey;
        if (!connections_.find(connection, room)) continue;
        auto row = sessionRow(connection);
        if (!row) return row.error();
        auto noted = sessionStore_.addOwn(*row, added ? added->position : removed->position);
        if (!noted) return storageBroke(noted.error());
    }
    return {};
}

// A session that subscribed to nothing gets its row only now: a client that comes back finds it.
Result<void> Writer::closeSession(std::uint64_t connection, bool ends) {
    const auto* session = sessions_.find(connection);
    if (session == nullptr) return {};
    const HeldSession held = *session;
    if (!ends) {
        auto row = sessionRow(connection);
        if (!row) return row.error();
        const auto now = seenNow();
        if (held.row != 0 && held.seenAt < minus(now, sessionSlack())) {
            if (auto seen = sessionStore_.seen(*row, now); !seen) return storageBroke(seen.error());
        }
    } else if (held.row != 0) {
        if (auto begun = ensureTransaction(); !begun) return begun.error();
        auto removed = sessionStore_.remove(held.row);
        if (!removed) return storageBroke(removed.error());
        --sessionsAddedInBatch_;
    }
    sessions_.erase(connection);
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
        sessions_.put(outcome.origin.connection, {request.fresh, 0, {}});
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
    if (!*stored && holder == 0) return std::optional<Gap>();
    HeldSession held{request.pid, 0, seenNow()};
    if (*stored) {
        const auto oldest = minus(clock_.now(), options_.sessionRetention + sessionSlack());
        const bool expired = (*stored)->seenAt < oldest && trustsClock();
        if (holder == 0 && expired) return std::optional<Gap>();
        held = {request.pid, (*stored)->row, (*stored)->seenAt};
        auto ended = forgetEnded(**stored, cursor.room);
        if (!ended) return ended.error();
        if (!*ended) return std::optional<Gap>();
        for (const auto& room : (*stored)->rooms) {
            gap.rooms.push_back({room.identity.conversation,
                                 {room.identity.userKey, room.identity.role},
                                 std::max(room.since, cursor.room),
                                 room.until});
        }
        if (const auto since = (*stored)->dashboard) {
            gap.dashboardAfter = std::max(*since, cursor.dashboard);
        }
    }
    auto tooFar = isTooFar(gap);
    if (!tooFar) return tooFar.error();
    if (*tooFar) return std::optional<Gap>();
    if (held.row != 0) {
        auto own = sessionStore_.ownAfter(held.row, cursor.room);
        if (!own) return own.error();
        gap.own = std::move(*own);
    }

    if (holder != 0 && holder != connection) {
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
            events_.countBetween(room.conversation, room.after, room.until.value_or(gap.upTo));
        if (!count) return count.error();
        events += *count;
    }
    return events > options_.replayEventsMax;
}

// At a quiet moment, or when none comes: keeps the rows of living connections young, and deletes
// those whose time is over, a few at a time.
void Writer::sweepIfDue() {
    const auto every = std::clamp(options_.sessionRetention / 16, kSweepEveryMin, kSweepEveryMax);
    const auto now = clock_.monotonic();
    const bool due = !dead_ && now >= std::max(sweepAt_, upkeepFrom()) && (batch_.empty() || now >= sweepAt_ + every);
    if (!due) return;
    auto more = sweep();
    if (!more) {
        db_.rollback();
        sessions_.rolledBack();
        logger().warn("session_sweep_failed message=\"{}\"", more.error().message);
        if (db_.mustStop()) return die(more.error());
    }
    sweepAt_ = now + (more && *more ? kSweepEveryMin : every);
}

// Whether there is more to do.
Result<bool> Writer::sweep() {
    constexpr auto limit = static_cast<std::size_t>(limits::kSessionsSweptMax);
    const auto now = clock_.now();
    const auto living = sessions_.seenBefore(minus(now, sessionSlack()), limit);
    // One that was kept young no later than a slack ago must outlive its retention in full.
    auto gone = sessionStore_.unseenSince(minus(now, options_.sessionRetention + sessionSlack()),
                                          limits::kSessionsSweptMax);
    if (!gone) return gone.error();
    if (living.empty() && gone->empty()) return false;
    if (auto begun = beginTransaction(); !begun) return begun.error();
    for (const auto connection : living) {
        auto session = *sessions_.find(connection);
        session.seenAt = seenNow();
        std::erase(*gone, session.row);
        if (auto seen = sessionStore_.seen(session.row, session.seenAt); !seen) return seen.error();
        sessions_.put(connection, session);
    }
    // While living ones may still await their turn, nobody is taken for gone.
    const bool complete = living.size() < limit;
    if (!complete) gone->clear();
    for (const auto row : *gone) {
        if (auto removed = sessionStore_.remove(row); !removed) return removed.error();
    }
    if (auto committed = commit(); !committed) return committed.error();
    sessions_.committed();
    sessionsStored_.fetch_sub(static_cast<std::int64_t>(gone->size()), std::memory_order_relaxed);
    return !complete || gone->size() == limit;
}

}  // namespace parley
