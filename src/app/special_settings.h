#pragma once

#include <parley/app/settings.h>

#include <vector>

/// Settings that are of no kind that others share (setting_kinds.h).
namespace parley::setting_kinds {

SettingInfo logLevel();
SettingInfo logFormat();
/// Kept for configurations that still have it. `true` was the default and has no effect.
SettingInfo recoveryEnabled();
SettingInfo dataFolder();
/// All of cluster.*, in the order of the reference.
std::vector<SettingInfo> clusterSettings();

}  // namespace parley::setting_kinds
