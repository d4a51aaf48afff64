#pragma once

#include "app/commands.h"

#include <parley/app/settings.h>
#include <parley/core/result.h>

#include <string>
#include <string_view>
#include <vector>

/// Where settings are said: each source gives texts by the settings' names, unchecked but for the
/// names. "config", the name of the file, may be among those of the flags and variables.
namespace parley::app {

using SettingTexts = Given;

/// The settings as options of a command, and --config.
std::vector<OptionInfo> settingOptions();

/// Reads the lines of the configuration file: name = value, # begins a comment line.
Result<SettingTexts> readSettingFile(const std::string& path);

/// Puts `flags`, what `variables` say and the file that one of both names into one. The first to
/// say a setting wins.
Result<Settings> mergeSettings(const SettingTexts& flags,
                               const std::vector<std::string>& variables);

/// Reads PARLEY_* of `variables` (NAME=value). What is no setting's goes to `ignored`, unless it
/// looks like a setting mistyped: that is refused.
Result<SettingTexts> readVariables(const std::vector<std::string>& variables,
                                   std::vector<IgnoredVariable>& ignored);

/// Everything as it is when nothing was said.
Settings defaultSettings();

/// The row of that name, or null.
const SettingInfo* findSetting(std::string_view name);

/// The row whose name comes closest.
const SettingInfo& nearestSetting(std::string_view name);
/// "there is no setting ..., did you mean ...?"
Error unknownSetting(const std::string& name);

/// Whether its values are whole numbers within a range.
bool isNumber(const SettingInfo& info);

}  // namespace parley::app
