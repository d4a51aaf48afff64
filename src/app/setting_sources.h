#pragma once

#include <parley/app/settings.h>
#include <parley/core/result.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Where settings are said: each source gives texts by the settings' names, unchecked but for the
/// names. "config", the name of the file, may be among those of the flags and variables.
namespace parley::app {

using SettingTexts = std::map<std::string, std::string>;

/// Reads PARLEY_* of `variables` (NAME=value). What is no setting's goes to `ignored`, unless it
/// looks like a setting mistyped: that is refused.
Result<SettingTexts> readVariables(const std::vector<std::string>& variables,
                                   std::vector<IgnoredVariable>& ignored);

/// The row of that name, or null.
const SettingInfo* findSetting(std::string_view name);

/// The row whose name comes closest.
const SettingInfo& nearestSetting(std::string_view name);

/// Whether its values are whole numbers within a range.
bool isNumber(const SettingInfo& info);

}  // namespace parley::app
