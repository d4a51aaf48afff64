#pragma once

#include "app/setting_sources.h"

#include <functional>
#include <string>

namespace parley::app {

/// Refuses what was said for the setting `name`.
using RefuseSetting = std::function<void(const std::string& name, const std::string& message)>;

/// Looks at settings that depend on each other, once each has been read by itself: refuses what
/// contradicts itself, or leaves open what looks closed. Gives settings that were not said the
/// defaults of their auth.mode, and those of earlier versions their meaning.
void checkTogether(Settings& settings, const SettingTexts& said, const RefuseSetting& refuse);

}  // namespace parley::app
