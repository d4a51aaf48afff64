#pragma once

#include <parley/app/settings.h>

/// Settings that are of no kind that others share (setting_kinds.h).
namespace parley::setting_kinds {

SettingInfo logLevel();
SettingInfo logFormat();
/// Kept for configurations that still have it. `true` was the default and has no effect.
SettingInfo recoveryEnabled();
SettingInfo dataFolder();

}  // namespace parley::setting_kinds
