#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>

#include <optional>

namespace parley {

/// Reads what later events changed of a message. The writer's thread; sees what the open
/// transaction has stored, once ViewWriter has taken it in. Asks no viewer: what it finds decides a
/// command.
class OverlayReader {
public:
    /// REQUIRES: `db` has the views and outlives the reader. SQLite's exceptions pass through.
    explicit OverlayReader(Database& db);

    /// The position of the first share of the message at `original`, if it has been shared.
    Result<std::optional<Position>> firstShareOf(Position original);

private:
    Database& db_;
    SQLite::Statement share_;
};

}  // namespace parley
