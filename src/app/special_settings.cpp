#include "app/special_settings.h"

#include "app/setting_kinds.h"

#include <algorithm>
#include <string>
#include <vector>

namespace parley::setting_kinds {

SettingInfo logLevel() {
    return {"log.level",
            "text",
            "trace, debug, info, warn, error or off.",
            0,
            0,
            [](const Settings& s) { return s.logLevel; },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                static const std::vector<std::string> levels{"trace", "debug", "info",
                                                             "warn",  "error", "off"};
                if (std::find(levels.begin(), levels.end(), value) == levels.end()) {
                    return wrong("log.level must be trace, debug, info, warn, error or off");
                }
                s.logLevel = value;
                return {};
            }};
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
            }};
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
        }};
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
