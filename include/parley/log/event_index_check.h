#pragma once

#include <parley/log/database.h>
#include <parley/log/read/stored_event.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace parley {

/// Whether the indexes of the event table say what its rows say. It takes the rows from a reader of
/// the whole log; then it reads each index once, in the index's own order. The index must ascend,
/// and the sum of a keyed hash over its entries must be the sum over the rows: that finds entries
/// that are missing, changed, doubled or out of order. Works beside a server that appends. The key
/// is new each time, so nobody can make a wrong index with the right sum (docs/decisions/120).
/// A value; one thread.
class EventIndexCheck {
public:
    EventIndexCheck();

    /// The next events of the log, from the first on.
    void take(std::span<const StoredEvent> rows);

    /// Reads the indexes in short transactions with pauses between them, and leaves out the events
    /// after those that were taken. Returns what is wrong with the first wrong index; nothing where
    /// all are right. Refuses as Database::query does.
    Result<std::optional<std::string>> finish(Database& db) const;

    static constexpr std::size_t kIndexes = 3;

private:
    std::array<std::uint64_t, 2> key_{};
    std::array<std::uint64_t, kIndexes> sums_{};
    Position last_{0};
};

}  // namespace parley
