#pragma once

#include <parley/core/clock.h>
#include <parley/engine/request.h>

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace parley {

/// The session a living connection holds.
struct HeldSession {
    PidHash pid{};
    std::int64_t row = 0;  ///< its row; 0: none yet, it has subscribed to nothing
    UnixMillis seenAt;     ///< as the row says
};

/// Which living connection holds which session; a session has one holder at most. Owned by the
/// writer. Changes since the last commit can be undone with their batch.
class SessionTable {
public:
    const HeldSession* find(std::uint64_t connection) const;
    /// The connection that holds the session of this pid; 0: none.
    std::uint64_t holderOf(const PidHash& pid) const;
    /// Gives a connection a session, or changes it; nobody else may hold it.
    void put(std::uint64_t connection, const HeldSession& session);
    void erase(std::uint64_t connection);
    /// Up to `limit` connections whose rows were last seen before `before`.
    std::vector<std::uint64_t> seenBefore(UnixMillis before, std::size_t limit) const;

    void committed() { undo_.clear(); }
    void rolledBack();

private:
    struct HashOfPid {
        std::size_t operator()(const PidHash& pid) const;
    };
    void remember(std::uint64_t connection);
    void set(std::uint64_t connection, const std::optional<HeldSession>& session);

    std::unordered_map<std::uint64_t, HeldSession> held_;
    std::unordered_map<PidHash, std::uint64_t, HashOfPid> holders_;
    std::unordered_map<std::uint64_t, std::optional<HeldSession>> undo_;  // as before this batch
};

}  // namespace parley
