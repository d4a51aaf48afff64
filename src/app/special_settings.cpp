#include "app/special_settings.h"

#include "app/setting_kinds.h"

#include <algorithm>
#include <array>
#include <string>

namespace parley::setting_kinds {
namespace {

constexpr std::array<std::string_view, 6> kLevels{"trace", "debug", "info", "warn", "error", "off"};

}  // namespace

SettingInfo logLevel() {
    return {"log.level",
            "text",
            "trace, debug, info, warn, error or off.",
            0,
            0,
            [](const Settings& s) { return s.logLevel; },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                if (std::find(kLevels.begin(), kLevels.end(), value) == kLevels.end()) {
                    return wrong("log.level must be " + orOf(kLevels));
                }
                s.logLevel = value;
                return {};
            },
            {kLevels.begin(), kLevels.end()}};
}

SettingInfo logFormat() {
    return {"log.format",
            "text",
            "text: a line is `time level event_name key=value ...`; json: an object with `time`, "
            "`level`, `event`, `fields` and, for what has no name, `text`.",
            0,
            0,
            [](const Settings& s) { return s.logFormat; },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                if (value != "text" && value != "json") {
                    return wrong("log.format must be text or json");
                }
                s.logFormat = value;
                return {};
            },
            {"text", "json"}};
}

SettingInfo recoveryEnabled() {
    return {
        "recovery.enabled",
        "switch",
        "Superseded by recovery.for. false means recovery.for=none, with a warning; true has no "
        "effect.",
        0,
        0,
        [](const Settings& s) { return s.recoverySwitchedOff ? "false" : "true"; },
        [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
            if (value != "true" && value != "false") {
                return wrong("recovery.enabled must be true or false");
            }
            s.recoverySwitchedOff = value == "false";
            return {};
        },
        {"true", "false"}};
}

SettingInfo dataFolder() {
    return {"data",
            "text",
            "The data folder; created if it does not exist.",
            0,
            0,
            [](const Settings& s) { return s.engine.dataFolder.string(); },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                if (value.empty()) return wrong("data must name a folder");
                s.engine.dataFolder = value;
                return {};
            }};
}

}  // namespace parley::setting_kinds
