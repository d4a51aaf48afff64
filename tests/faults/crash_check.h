#pragma once

#include "faults/crash_load.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace parley::faults {

/// What a data folder holds after a crash.
struct CrashVerdict {
    std::uint64_t lost = 0;  ///< events that were acknowledged or broadcast, but are missing
    bool noteAhead = false;  ///< parley.head says more than the log holds
    std::string corrupt;     ///< what is wrong with the rest; empty: nothing
};

/// Starts the engine on `folder` as after a crash, stops it, and looks at everything: structure,
/// density and chain, views against a rebuild, and each event that a client was told.
CrashVerdict checkAfterCrash(const std::filesystem::path& folder, const RunReport& report);

}  // namespace parley::faults
