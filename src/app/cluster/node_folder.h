#pragma once

#include <parley/cluster/replica.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>

#include <cstdint>
#include <filesystem>
#include <optional>

/// The data folder of a cluster's node. Any thread.
namespace parley::app {

/// How far the node has come whose folder it is; nothing where it is not a node's, or has no
/// database. Refuses as Database::openReader does.
Result<std::optional<Replica::Place>> readPlace(const std::filesystem::path& folder);

/// The same, and refuses a folder that `serve` cannot use as it is to run: a node's without
/// cluster.name, any other one with it (`isNode`).
Result<std::optional<Replica::Place>> readPlaceFor(const std::filesystem::path& folder,
                                                   bool isNode);

/// The number of the start that begins now, and notes it in the file cluster.run: by it the other
/// nodes tell what this process says from what the one before it said. It follows the clock, and
/// grows by one where that stands still. Refuses with `file_refused`, `storage_full` or
/// `storage_failed`.
Result<std::uint16_t> countRun(const std::filesystem::path& folder, const Clock& clock);

}  // namespace parley::app
