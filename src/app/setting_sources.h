#pragma once

#include "app/commands.h"

#include <parley/app/settings.h>
#include <parley/core/result.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Where settings are said: each source gives texts by the settings' names, unchecked but for the
/// names. "config", the name of the file, may be among those of the flags and variables.
namespace parley::app {

using SettingTexts = Given;

/// The settings as options of a command, and --config.
std::vector<OptionInfo> settingOptions();

/// The heading under which help and references show a setting.
std::string settingGroup(std::string_view name);
/// The settings under one heading, in the order of the table.
struct SettingGroup {
    std::string name;
    std::vector<const SettingInfo*> settings;
};
/// All of them, in the order in which the table comes to them first.
std::vector<SettingGroup> settingsByGroup();
/// The variable that says it: PARLEY_TYPING_TIMEOUT.
std::string variableOf(std::string_view setting);
/// What a number or a rate may be: "0 to 65535"; empty for others.
std::string rangeOf(const SettingInfo& info);

/// Refuses what nobody means and what breaks a line that shows it: control characters but the tab,
/// other characters that hide what is there (utf8.h), and what is not UTF-8. The message is the
/// rest of a sentence: "has a control character, U+001B".
Result<void> checkSettingText(std::string_view text);

/// What the configuration file says.
struct SettingLines {
    SettingTexts texts = {};
    std::map<std::string, int> numbers = {};  ///< of the lines, by the settings' names
};

/// Reads the lines of the configuration file: name = value, # begins a comment line. What is wrong
/// with a line is added to `wrong`; the others are returned all the same.
SettingLines readSettingFile(const std::string& path, std::vector<Error>& wrong);

/// Reads PARLEY_* of `variables` (NAME=value). What is no setting's goes to `ignored`, unless it
/// looks like a setting mistyped: that is added to `wrong`.
SettingTexts readVariables(const std::vector<std::string>& variables,
                           std::vector<IgnoredVariable>& ignored, std::vector<Error>& wrong);

/// What all sources say together, and everything that is wrong with it.
struct MergedSettings {
    Settings settings;                               ///< of use if nothing is wrong
    std::map<std::string, std::string_view> from{};  ///< "flag", "variable" or "file", by name
    std::string file{};                              ///< that was read; empty: none was named
    std::map<std::string, int> lines{};              ///< of the file, by name
    std::vector<Error> wrong{};                      ///< in the order in which it was found
};

/// Puts `flags`, what `variables` say and the file that one of both names into one. The first to
/// say a setting wins. `wrong`: what is known to be wrong already, with the flags.
MergedSettings mergeAll(const SettingTexts& flags, const std::vector<std::string>& variables,
                        std::vector<Error> wrong = {});
/// The same, refused with the first of what is wrong.
Result<Settings> mergeSettings(const SettingTexts& flags,
                               const std::vector<std::string>& variables);
/// Where somebody said the setting: "parley.conf:3", "PARLEY_PORT" or "--port"; empty: nobody did.
std::string placeOf(const MergedSettings& merged, const std::string& name);
/// Where the setting's value is from: as `from`, or "default", or "mode" where auth.mode decides.
std::string_view originOf(const MergedSettings& merged, const SettingInfo& info);

/// The process's variables, NAME=value.
std::vector<std::string> environmentVariables();

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
