#pragma once

#include <parley/core/clock.h>
#include <parley/engine/request.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace parley {

/// The session a living connection holds.
struct HeldSession {
    PidHash pid{};
    std::int64_t row = 0;  ///< its row; 0: none yet, it has subscribed to nothing
    std::size_t own = 0;   ///< how many events of its own are stored with it
};

/// Which living connection holds which session; a session has one holder at most. Owned by the
/// writer. Changes since the last commit can be undone with their batch.
class SessionTable {
public:
    const HeldSession* find(ConnectionId connection) const;
    /// The connection that holds the session of this pid; 0: none.
    ConnectionId holderOf(const PidHash& pid) const;
    /// Gives a connection a session, or changes it; nobody else may hold it.
    void put(ConnectionId connection, const HeldSession& session);
    void erase(ConnectionId connection);
    /// The connection went away at `at`. Stays known until its row says so, also if the batch
    /// fails.
    void drop(ConnectionId connection, UnixMillis at);
    /// Whether a living connection holds the session of this row.
    bool holds(std::int64_t row) const { return rows_.contains(row); }

    /// Rows that do not say yet when they dropped, and when that was.
    using Drops = std::unordered_map<std::int64_t, UnixMillis>;
    const Drops& drops() const { return drops_; }
    /// The rows say it now, once this batch is committed.
    void dropsWritten();
    /// There is no such row any more.
    void removed(std::int64_t row) { drops_.erase(row); }

    void committed();
    void rolledBack();

private:
    struct HashOfPid {
        std::size_t operator()(const PidHash& pid) const;
    };
    void remember(ConnectionId connection);
    void set(ConnectionId connection, const std::optional<HeldSession>& session);

    std::unordered_map<ConnectionId, HeldSession> held_;
    std::unordered_map<PidHash, ConnectionId, HashOfPid> holders_;
    std::unordered_set<std::int64_t> rows_;  // of those in held_ that have one
    std::unordered_map<ConnectionId, std::optional<HeldSession>> undo_;  // as before this batch
    Drops drops_;
    Drops dropsWritten_;  // in this batch
};

}  // namespace parley
