#pragma once

#include <parley/core/result.h>

#include <filesystem>
#include <functional>

/// Files that are there as a whole or not at all. Never for a file that this process has open
/// through SQLite: closing a second descriptor drops SQLite's locks.
namespace parley {

/// The name under which this process writes a copy in `folder`, before it gets its own.
std::filesystem::path partFileIn(const std::filesystem::path& folder);

/// Removes from `folder` the unfinished copies of processes that are gone.
void removeStaleParts(const std::filesystem::path& folder);

/// Writes what the system still holds of `file` to the disk, piece by piece: a sync of a large file
/// cannot be stopped. `cancelled` may be empty; it is asked before each piece, and ends the call.
/// What was written is not synced yet.
Result<void> writeOut(const std::filesystem::path& file, const std::function<bool()>& cancelled);

/// Syncs `part` to the disk, renames it to `target`, syncs the folder. Without `replace` an
/// existing target is refused and stays.
Result<void> moveIntoPlace(const std::filesystem::path& part, const std::filesystem::path& target,
                           bool replace);

/// Refuses with `file_refused` where nothing can be made in `folder`, with `storage_full` where
/// `folder` has no room for a file of `bytes`, or this process may not write one so large.
Result<void> checkRoom(const std::filesystem::path& folder, std::uintmax_t bytes);

}  // namespace parley
