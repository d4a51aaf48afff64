#pragma once

#include "engine/unit_of_work.h"

#include <parley/core/clock.h>
#include <parley/core/numbers.h>
#include <parley/engine/request.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace parley {

/// The number of a session's row. 0: it has none.
struct SessionRow {
    std::int64_t value = 0;

    explicit operator bool() const { return value != 0; }
    auto operator<=>(const SessionRow&) const = default;
};

}  // namespace parley

template <>
struct std::hash<parley::SessionRow> {
    std::size_t operator()(parley::SessionRow row) const {
        return std::hash<std::int64_t>{}(row.value);
    }
};

namespace parley {

/// The session a living connection holds.
struct HeldSession {
    PidHash pid{};
    SessionRow row;        ///< none yet: it has subscribed to nothing
    std::size_t own = 0;   ///< how many events of its own are stored with it
    PrincipalPtr owner{};  ///< only it resumes the session; null: any client that has the pid
};

/// Which living connection holds which session; a session has one holder at most. Writer's thread
/// only; changes are undone with their unit of work.
class HeldSessions final : public UnitMember {
public:
    explicit HeldSessions(UnitMembers& members) : UnitMember(members) {}

    /// Null where the connection has no session. Valid until the next change.
    const HeldSession* find(ConnectionId connection) const;
    /// The connection that holds the session of this pid; 0: none.
    ConnectionId holderOf(const PidHash& pid) const;
    /// Whether a living connection holds the session of this row.
    bool holds(SessionRow row) const { return rows_.contains(row); }

    /// Gives a connection a session, or changes it. REQUIRES: no other connection holds it.
    void put(ConnectionId connection, const HeldSession& session);
    void erase(ConnectionId connection);
    /// The connection went away at `at`. That is known until its row says so.
    void drop(ConnectionId connection, UnixMillis at);

    /// Every connection with a session whose number is in a range.
    std::vector<ConnectionId> between(ConnectionId first, ConnectionId last) const;

    /// Calls `each(connection)` for every connection whose session this unit may have changed.
    template <typename Each>
    void eachChange(const Each& each) const {
        for (const auto& entry : undo_) each(entry.first);
    }
    /// Whether this unit may have changed anything.
    bool isChanged() const { return !undo_.empty(); }

    /// Rows that do not say yet that their session dropped, and when that was.
    using Drops = std::unordered_map<SessionRow, UnixMillis>;
    const Drops& drops() const { return drops_; }
    /// The rows say it now, once this unit is committed.
    void dropsWritten();
    /// The row is no longer there.
    void removed(SessionRow row) { drops_.erase(row); }

    void committed() override;
    void rolledBack() override;

private:
    struct BucketOf {
        std::size_t operator()(const PidHash& pid) const;
    };
    void remember(ConnectionId connection);
    void set(ConnectionId connection, const std::optional<HeldSession>& session);

    std::unordered_map<ConnectionId, HeldSession> held_;
    std::unordered_map<PidHash, ConnectionId, BucketOf> holders_;
    std::unordered_set<SessionRow> rows_;  // of those in held_ that have one
    std::unordered_map<ConnectionId, std::optional<HeldSession>> undo_;  // as before this unit
    Drops drops_;
    Drops dropsWritten_;  // in this unit
};

}  // namespace parley
