#pragma once

#include <parley/core/result.h>

#include <filesystem>

namespace parley {

/// Refuses with `file_refused` a file that something is to be written to, where it is, or would be,
/// a file of a data folder: by a name of kFolderFiles in a folder that has parley.lock or
/// parley.head, or is owned. Links are followed. Any thread.
Result<void> checkIsNoFolderFile(const std::filesystem::path& target);

}  // namespace parley
