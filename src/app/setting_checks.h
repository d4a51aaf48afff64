#pragma once

#include "app/setting_sources.h"

#include <vector>

namespace parley::app {

/// Looks at settings that depend on each other, once each has been read by itself: adds to `wrong`
/// what contradicts itself, or leaves open what looks closed. Gives settings that were not said the
/// defaults of their auth.mode, and those of earlier versions their meaning.
void checkTogether(Settings& settings, const SettingTexts& said, std::vector<Error>& wrong);

}  // namespace parley::app
