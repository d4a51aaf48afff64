#include "app/command_options.h"
#include "app/nearest.h"
#include "app/setting_checks.h"
#include "app/setting_sources.h"

#include <parley/app/settings.h>
#include <parley/core/utf8.h>

#include <charconv>
#include <cstdio>
#include <utility>

namespace parley {
namespace {

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

Result<void> apply(Settings& settings, const SettingInfo& info, const std::string& value) {
    if (auto good = app::checkSettingText(value); !good) {
        return invalid(std::string(info.name) + ' ' + good.error().message);
    }
    std::int64_t parsed = 0;
    if (app::isNumber(info)) {
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), parsed);
        if (error != std::errc() || end != value.data() + value.size() || parsed < info.min ||
            parsed > info.max) {
            return invalid(std::string(info.name) + " must be a number from " +
                           std::to_string(info.min) + " to " + std::to_string(info.max) +
                           ", not \"" + value + "\"");
        }
    }
    return info.set(settings, value, parsed);
}

// Those that are not as they would be if nothing had been said. No setting holds a secret: keys are
// in files.
std::vector<SettingInForce> inForce(const app::MergedSettings& merged) {
    const Settings defaults = app::defaultSettings();
    std::vector<SettingInForce> changed;
    for (const auto& info : settingTable()) {
        std::string value = info.get(merged.settings);
        std::string standard = info.get(defaults);
        if (value == standard) continue;
        changed.push_back({std::string(info.name), std::move(value), std::move(standard),
                           std::string(app::originOf(merged, info))});
    }
    return changed;
}

// What the file says goes to what is `said`, unless something else said it before.
void addFile(app::MergedSettings& merged, const std::string& file, app::SettingTexts& said) {
    merged.file = file;
    auto lines = app::readSettingFile(file, merged.wrong);
    for (auto& [name, value] : lines.texts) {
        if (said.emplace(name, std::move(value)).second) merged.from[name] = "file";
    }
    merged.lines = std::move(lines.numbers);
}

}  // namespace

const SettingInfo* app::findSetting(std::string_view name) {
    for (const auto& info : settingTable()) {
        if (info.name == name) return &info;
    }
    return nullptr;
}

Result<void> app::checkSettingText(std::string_view text) {
    if (!isUtf8(text)) return invalid("is not UTF-8");
    for (const char c : text) {
        if (c == '\t' || !hasControlCharacter({&c, 1})) continue;
        char code[8];
        std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(c));
        return invalid(std::string("has a control character, ") + code);
    }
    if (!hasDeceptiveCharacter(text)) return {};
    return invalid("has a character that makes people read something else than is there");
}

const SettingInfo& app::nearestSetting(std::string_view name) {
    return *nearest(name, settingTable(), [](const SettingInfo& info) { return info.name; });
}

Error app::unknownSetting(const std::string& name) {
    return invalid("there is no setting \"" + name + "\"; did you mean \"" +
                   std::string(nearestSetting(name).name) + "\"?");
}

bool app::isNumber(const SettingInfo& info) {
    return info.unit != "text" && info.unit != "switch" && info.unit != "rate";
}

Settings app::defaultSettings() {
    Settings settings;
    settings.engine.dataFolder = kDataFolderDefault;
    return settings;
}

Result<Settings> readSettings(const std::vector<std::string>& arguments,
                              const std::vector<std::string>& variables) {
    auto flags =
        app::readOptions({.options = app::settingOptions(), .takesSettings = true}, arguments);
    if (!flags) return flags.error();
    return app::mergeSettings(*flags, variables);
}

app::MergedSettings app::mergeAll(const SettingTexts& flags,
                                  const std::vector<std::string>& variables,
                                  std::vector<Error> wrong) {
    MergedSettings merged{.settings = defaultSettings(), .wrong = std::move(wrong)};
    Settings& settings = merged.settings;
    auto said = readVariables(variables, settings.ignoredVariables, merged.wrong);
    for (const auto& [name, value] : said) merged.from[name] = "variable";
    for (const auto& [name, value] : flags) {
        said[name] = value;
        merged.from[name] = "flag";
    }
    const auto refuse = [&](const std::string& name, const std::string& message) {
        const std::string place = placeOf(merged, name);
        merged.wrong.push_back(invalid(place.empty() ? message : place + ": " + message));
    };
    if (const auto config = said.find("config"); config != said.end()) {
        const std::string file = config->second;
        auto good = checkSettingText(file);
        if (!good) refuse("config", "the file's name " + good.error().message);
        merged.from.erase("config");
        said.erase(config);
        if (good) addFile(merged, file, said);
    }
    for (const auto& [name, value] : said) {
        auto set = apply(settings, *findSetting(name), value);
        if (!set) refuse(name, set.error().message);
    }
    if (!merged.wrong.empty()) return merged;  // what follows compares settings
    checkTogether(settings, said, refuse);
    settings.gateway.settings = inForce(merged);
    return merged;
}

Result<Settings> app::mergeSettings(const SettingTexts& flags,
                                    const std::vector<std::string>& variables) {
    MergedSettings merged = mergeAll(flags, variables);
    if (!merged.wrong.empty()) return merged.wrong.front();
    return std::move(merged.settings);
}

std::string app::placeOf(const MergedSettings& merged, const std::string& name) {
    const auto found = merged.from.find(name);
    if (found == merged.from.end()) return "";
    if (found->second == "flag") return "--" + name;
    if (found->second == "variable") return variableOf(name);
    return merged.file + ':' + std::to_string(merged.lines.at(name));
}

std::string_view app::originOf(const MergedSettings& merged, const SettingInfo& info) {
    const auto found = merged.from.find(std::string(info.name));
    if (found != merged.from.end()) return found->second;
    return info.get(merged.settings) == info.get(defaultSettings()) ? "default" : "mode";
}

}  // namespace parley
