#pragma once

#include "app/demo/script.h"

#include <parley/core/result.h>

#include <filesystem>

namespace parley::app::sample {

/// Reads one conversation's file and appends it and its steps to the script, whose people are
/// known. A step that the server would refuse is refused here, with its place.
Result<void> readConversation(const std::filesystem::path& file, Script& script);

}  // namespace parley::app::sample
