#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/log_walk.h>

#include <functional>
#include <memory>
#include <span>
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
/// short transaction of a few thousand events or rows, so that the WAL stays small. Needs memory
/// for all views. Refuses as Database::run does. REQUIRES: `db` outlives it, and nothing else reads
/// views from it meanwhile: it has temporary tables of their names, which the destructor drops.
/// The thread of `db`.
class ViewCheck {
public:
    static Result<ViewCheck> begin(Database& db);
    ViewCheck(ViewCheck&&) noexcept;
    ~ViewCheck();

    /// Folds events that the caller has read for a purpose of its own, so that the log need not be
    /// read twice. REQUIRES: all of the log from its first event on, in order, in as many calls as
    /// it takes; no open transaction. What it refuses, finish tells.
    void take(std::span<const StoredEvent> next);
    /// Folds what is left of the log, and compares. `pause`: called between two reads, while no
    /// snapshot is held. Once.
    Result<RebuildCheck> finish(const std::function<void()>& pause = pauseBetweenReads);

private:
    struct State;
    explicit ViewCheck(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

/// A ViewCheck that reads the whole log itself.
Result<RebuildCheck> checkViews(Database& db,
                                const std::function<void()>& pause = pauseBetweenReads);

/// Whether the tables were written by this program's code (projectionVersion). No: they are to be
/// rebuilt before anything reads or writes them. The thread of `db`.
Result<bool> viewsAreCurrent(Database& db);

}  // namespace parley
