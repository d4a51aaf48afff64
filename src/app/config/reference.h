#pragma once

#include "app/setting_sources.h"

#include <string>

namespace parley::app {

/// A configuration file with every setting, in groups, each behind what it does: those that
/// `merged` says are set, the others are comments that show what counts without them: their
/// defaults, or what auth.mode makes of them. `merged` is usable.
std::string referenceFile(const MergedSettings& merged);

}  // namespace parley::app
