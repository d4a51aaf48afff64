#include "engine/sessions/resume.h"

#include <parley/core/try.h>

#include <algorithm>
#include <utility>

namespace parley {

void Resume::carryOut(const ResumeSession& request, Outcome& outcome) {
    auto gap = gapOf(request, outcome);
    if (!gap) {
        outcome.reply = unit_.fail(gap.error());
        return;
    }
    if (*gap) {
        resumed_.fetch_add(1, std::memory_order_relaxed);
    } else {
        notResumed_.fetch_add(1, std::memory_order_relaxed);
        live_.sessions.put(outcome.origin.connection,
                           {request.fresh, {}, 0, outcome.origin.principal});
    }
    outcome.reply = Reply(ResumeReply{std::move(*gap)});
}

// What the session missed; nothing where it is not to be resumed. Where it is, the connection holds
// it from here on, and the one that held it before no longer does.
Result<std::optional<Gap>> Resume::gapOf(const ResumeSession& request, Outcome& outcome) {
    const std::optional<Gap> none;
    const Cursor cursor = request.cursor.value_or(Cursor{});
    PARLEY_TRY_ASSIGN(const bool ours, isOfThisHistory(cursor));
    if (!ours) return none;

    PARLEY_TRY_ASSIGN(auto stored, rows_.find(request.pid));
    const bool isHeld = bool(live_.sessions.holderOf(request.pid));
    if (!stored && !isHeld) return none;
    if (!mayTake(request.pid, stored, outcome.origin.principal.get())) return none;

    Gap gap;
    gap.upTo = unit_.head().position;
    HeldSession held{request.pid, {}, 0, outcome.origin.principal};
    if (stored) {
        if (!isHeld && isOver(*stored)) return none;
        held.row = stored->row;
        PARLEY_TRY_ASSIGN(const bool allKnown, forgetEnded(*stored, cursor.room));
        if (!allKnown) return none;
        addRooms(*stored, cursor, gap);
    }
    PARLEY_TRY_ASSIGN(const bool tooFar, isTooFar(gap));
    if (tooFar) return none;
    if (held.row) {
        PARLEY_TRY_ASSIGN(gap.own, takeOwn(held, cursor.room));
    }
    handOver(held, stored, outcome);
    return std::optional<Gap>(std::move(gap));
}

// A pid is a secret, but not proof enough of whose session it is.
bool Resume::mayTake(const PidHash& pid, const std::optional<StoredSession>& stored,
                     const Principal* principal) const {
    if (stored) return stored->belongsTo(principal);
    const auto* held = live_.sessions.find(live_.sessions.holderOf(pid));
    const Principal* owner = held->owner.get();
    if (!principal || !owner) return !principal && !owner;
    return owner->user == principal->user && actorOf(*owner) == actorOf(*principal);
}

// Not one of a history that was taken back, whose positions may be this one's too by now. Without a
// fingerprint only its position can tell.
Result<bool> Resume::isOfThisHistory(const Cursor& cursor) {
    if (cursor.fingerprint) return reads_.events.has(cursor.dashboard, *cursor.fingerprint);
    return cursor.dashboard <= unit_.head().position;
}

bool Resume::isOver(const StoredSession& stored) const {
    if (!clockWatch_.isTrusted()) return false;
    const auto& drops = live_.sessions.drops();
    const auto drop = drops.find(stored.row);
    const auto droppedAt = drop == drops.end() ? stored.droppedAt : drop->second;
    return droppedAt.value < clock_.now().value - options_.sessionRetention.count();
}

// Forgets the subscriptions that a removal ended and whose end the session was told. False: there
// are so many others that some are no longer known.
Result<bool> Resume::forgetEnded(StoredSession& session, Position received) {
    const auto told = [&](const StoredRoom& room) { return room.until && *room.until <= received; };
    if (std::erase_if(session.rooms, told) > 0) {
        PARLEY_TRY(unit_.begin());
        PARLEY_TRY(rows_.forgetEnded(session.row, received));
    }
    const auto ended = std::count_if(session.rooms.begin(), session.rooms.end(),
                                     [](const StoredRoom& room) { return room.until; });
    return static_cast<std::size_t>(ended) <= options_.roomsPerConnectionMax;
}

void Resume::addRooms(const StoredSession& stored, const Cursor& cursor, Gap& gap) const {
    for (const auto& room : stored.rooms) {
        gap.rooms.push_back({room.identity.conversation,
                             Viewer::of(room.identity.userKey, room.identity.role),
                             std::max(room.since, cursor.room), room.until});
    }
    gap.typing = typingIn(stored.rooms);
    if (stored.dashboard) gap.dashboardAfter = std::max(*stored.dashboard, cursor.dashboard);
    gap.presence = stored.presence;
}

// The other users who type now in the rooms of a session: one look-up a room.
std::vector<TypingChanged> Resume::typingIn(const std::vector<StoredRoom>& rooms) const {
    std::vector<TypingChanged> found;
    if (live_.typing.size() == 0) return found;
    for (const auto& room : rooms) {
        if (room.until) continue;  // it is no longer a room of the session
        const auto* users = live_.conversations.typingIn(room.conversation);
        if (!users) continue;
        for (const auto& typing : *users) {
            if (typing.user == room.identity.user) continue;
            if (typing.hidden && room.identity.role == UserRole::customer) continue;
            found.push_back({room.conversation, room.identity.conversation, typing.user,
                             typing.userName, /*isTyping=*/true});
        }
    }
    return found;
}

Result<bool> Resume::isTooFar(const Gap& gap) {
    if (gap.dashboardAfter) {
        return gap.upTo.value - gap.dashboardAfter->value > options_.replayEventsMax;
    }
    Position first = gap.upTo;
    for (const auto& room : gap.rooms) first = std::min(first, room.after);
    if (gap.upTo.value - first.value <= options_.replayEventsMax) return false;
    std::int64_t events = 0;
    for (const auto& room : gap.rooms) {
        PARLEY_TRY_ASSIGN(
            const auto count,
            reads_.seqs.countBetween(room.conversation, room.after, room.until.value_or(gap.upTo)));
        events += count;
    }
    return events > options_.replayEventsMax;
}

// The session's own events after `received`; those up to there are forgotten, as it will not come
// back to before them. On a full disk they stay.
Result<std::vector<Position>> Resume::takeOwn(HeldSession& held, Position received) {
    PARLEY_TRY_ASSIGN(auto own, rows_.ownAfter(held.row, received));
    PARLEY_TRY_ASSIGN(const auto before, rows_.ownUpTo(held.row, received));
    held.own = own.size();
    if (before == 0) return own;
    if (space_.full()) {
        held.own += static_cast<std::size_t>(before);
        return own;
    }
    PARLEY_TRY(unit_.begin());
    PARLEY_TRY(rows_.forgetOwn(held.row, received));
    return own;
}

void Resume::handOver(const HeldSession& held, const std::optional<StoredSession>& stored,
                      Outcome& outcome) {
    const auto connection = outcome.origin.connection;
    const auto holder = live_.sessions.holderOf(held.pid);
    if (holder && holder != connection) {
        outcome.takenOver = holder;
        live_.connections.close(holder);
        live_.sessions.erase(holder);
    }
    live_.sessions.put(connection, held);
    if (!stored) return;
    for (const auto& room : stored->rooms) {
        if (room.until) continue;
        if (room.identity.watching) {
            live_.connections.name(room.identity.conversation, room.conversation);
        }
        live_.connections.join(connection, room.identity);
    }
    if (stored->dashboard) live_.connections.followDashboard(connection, stored->dashboardUser);
}

void Resume::addTo(EngineCounters& counters) const {
    counters.sessionsResumed = resumed_.load(std::memory_order_relaxed);
    counters.sessionsNotResumed = notResumed_.load(std::memory_order_relaxed);
}

}  // namespace parley
