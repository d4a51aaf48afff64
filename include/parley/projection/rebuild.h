#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/log_walk.h>

#include <functional>
#include <string>
#include <vector>

namespace parley {

/// What a rebuild beside the live tables found.
struct RebuildCheck {
    Position position;                     ///< up to which the log was folded
    std::vector<std::string> differences;  ///< one sentence a table that differs; empty: equal
};

/// Empties the stored views and builds them again from the log, in one transaction. Returns the
/// position up to which it folded. After an error, or a crash, the old views are still there; when
/// it returns, the new ones and projectionVersion are on the disk. Takes memory for the figures
/// that are gathered, up to half a million rows. REQUIRES: the writer's connection, outside a
/// transaction.
Result<Position> rebuildViews(Database& db);

/// Builds the stored views again in memory, on a reader's connection, and compares them with the
/// live ones row by row. Changes nothing. A server may keep writing meanwhile: every read is a
/// short transaction of a few thousand events or rows, so that the WAL stays small.
/// `pause`: called between two of them, while no snapshot is held. Needs memory for all views.
/// Refuses as Database::run does. REQUIRES: a connection that does nothing else meanwhile: it gets
/// temporary tables of the views' names, which are dropped again. Its thread.
Result<RebuildCheck> checkViews(Database& db,
                                const std::function<void()>& pause = pauseBetweenReads);

/// Whether the tables were written by this program's code (projectionVersion). No: they are to be
/// rebuilt before anything reads or writes them. The thread of `db`.
Result<bool> viewsAreCurrent(Database& db);

}  // namespace parley
