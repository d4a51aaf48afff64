#include "app/nearest.h"
#include "app/setting_sources.h"

#include <parley/app/settings.h>

#include <Poco/Net/IPAddress.h>

#include <charconv>
#include <fstream>

namespace parley {
namespace {

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_value, message};
}

Error unknown(const std::string& name) {
    return invalid("there is no setting \"" + name + "\"; did you mean \"" +
                   std::string(app::nearestSetting(name).name) + "\"?");
}

Result<void> apply(Settings& settings, const SettingInfo& info, const std::string& value) {
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

using Values = app::SettingTexts;

Result<Values> readFlags(const std::vector<std::string>& arguments) {
    Values values;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (!argument.starts_with("--")) return invalid("unexpected argument \"" + argument + "\"");
        const auto equals = argument.find('=');
        const std::string name = argument.substr(2, equals - 2);
        const auto* info = app::findSetting(name);
        if (!info && name != "config") return unknown(name);
        if (equals != std::string::npos) {
            values[name] = argument.substr(equals + 1);
        } else if (info && info->unit == "switch") {
            values[name] = "true";
        } else if (i + 1 < arguments.size()) {
            values[name] = arguments[++i];
        } else {
            return invalid("--" + name + " needs a value");
        }
    }
    return values;
}

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

Result<Values> readFile(const std::string& path) {
    std::ifstream file(path);
    if (!file) return invalid("cannot read the configuration file \"" + path + "\"");
    Values values;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        line = trimmed(line);
        if (line.empty() || line.starts_with('#')) continue;
        const auto equals = line.find('=');
        const auto where = path + ":" + std::to_string(number) + ": ";
        if (equals == std::string::npos) return invalid(where + "expected name = value");
        const auto name = trimmed(line.substr(0, equals));
        if (!app::findSetting(name)) return invalid(where + unknown(name).message);
        values[name] = trimmed(line.substr(equals + 1));
    }
    return values;
}

// recovery.enabled=false of earlier versions.
Result<void> readSwitchedOff(Settings& settings, const Values& said) {
    if (!settings.recoverySwitchedOff) return {};
    if (said.contains("recovery.for") && settings.gateway.recoveryFor != RecoveryFor::none) {
        return invalid("recovery.enabled=false and recovery.for=" + said.at("recovery.for") +
                       " contradict each other: say recovery.for alone");
    }
    settings.gateway.recoveryFor = RecoveryFor::none;
    settings.warnings.emplace_back("recovery.enabled=false is read as recovery.for=none: say that");
    return {};
}

}  // namespace

const SettingInfo* app::findSetting(std::string_view name) {
    for (const auto& info : settingTable()) {
        if (info.name == name) return &info;
    }
    return nullptr;
}

const SettingInfo& app::nearestSetting(std::string_view name) {
    return *nearest(name, settingTable(), [](const SettingInfo& info) { return info.name; });
}

bool app::isNumber(const SettingInfo& info) {
    return info.unit != "text" && info.unit != "switch";
}

bool isLoopback(std::string_view host) {
    if (host == "localhost") return true;  // never looked up: the server takes both loopbacks
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    Poco::Net::IPAddress address;
    return Poco::Net::IPAddress::tryParse(std::string(host), address) && address.isLoopback();
}

Result<Settings> readSettings(const std::vector<std::string>& arguments,
                              const std::vector<std::string>& variables) {
    auto flags = readFlags(arguments);
    if (!flags) return flags.error();
    Settings settings;
    auto merged = app::readVariables(variables, settings.ignoredVariables);
    if (!merged) return merged.error();
    for (const auto& [name, value] : *flags) (*merged)[name] = value;
    if (const auto config = merged->find("config"); config != merged->end()) {
        auto file = readFile(config->second);
        if (!file) return file.error();
        merged->erase(config);
        merged->insert(file->begin(), file->end());  // does not replace what is there
    }
    settings.engine.dataFolder = kDataFolderDefault;
    for (const auto& [name, value] : *merged) {
        if (auto applied = apply(settings, *app::findSetting(name), value); !applied)
            return applied.error();
    }
    if (auto read = readSwitchedOff(settings, *merged); !read) return read.error();
    if (!isLoopback(settings.net.host) && !settings.insecureOpen) {
        return invalid("host " + settings.net.host +
                       " can be reached by others, and nobody has to say who they are: say "
                       "--insecure-open if that is meant");
    }
    return settings;
}

std::string settingsReference() {
    const Settings defaults = [] {
        Settings s;
        s.engine.dataFolder = kDataFolderDefault;
        return s;
    }();
    std::string out =
        "# Configuration\n\n"
        "Generated by `parley docs configuration`. Each setting is a flag (`--typing.timeout "
        "6000`), a variable (`PARLEY_TYPING_TIMEOUT=6000`) or a line of the file that `--config` "
        "names (`typing.timeout = 6000`); a flag beats a variable, a variable the file. Unknown "
        "names are refused, and the nearest one is named. The log warns of each PARLEY_* variable "
        "that is ignored: one that resembles no setting, and what Kubernetes sets for a service "
        "named `parley` (`PARLEY_PORT=tcp://10.0.0.7:3500`, `PARLEY_SERVICE_HOST` and the like)."
        "\n\n"
        "| setting | default | unit | range | what |\n|---|---|---|---|---|\n";
    for (const auto& info : settingTable()) {
        const bool ranged = app::isNumber(info);
        out += "| `" + std::string(info.name) + "` | `" + info.get(defaults) + "` | " +
               std::string(info.unit) + " | " +
               (ranged ? std::to_string(info.min) + " to " + std::to_string(info.max) : "") +
               " | " + std::string(info.doc) + " |\n";
    }
    return out;
}

}  // namespace parley
