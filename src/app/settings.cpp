#include <parley/app/settings.h>

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>

namespace parley {
namespace {

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_value, message};
}

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
        }
    }
    return row.back();
}

const SettingInfo& nearest(std::string_view name) {
    const auto& table = settingTable();
    return *std::min_element(table.begin(), table.end(),
                             [&](const SettingInfo& a, const SettingInfo& b) {
                                 return editDistance(name, a.name) < editDistance(name, b.name);
                             });
}

Error unknown(const std::string& name) {
    return invalid("there is no setting \"" + name + "\"; did you mean \"" +
                   std::string(nearest(name).name) + "\"?");
}

const SettingInfo* find(std::string_view name) {
    for (const auto& info : settingTable()) {
        if (info.name == name) return &info;
    }
    return nullptr;
}

constexpr std::string_view kVariablePrefix = "PARLEY_";

std::string variableName(std::string_view name) {
    std::string out(kVariablePrefix);
    for (const char c : name) {
        out += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(c));
    }
    return out;
}

Result<void> apply(Settings& settings, const SettingInfo& info, const std::string& value) {
    std::int64_t parsed = 0;
    if (info.unit != "text" && info.unit != "switch") {
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

using Values = std::map<std::string, std::string>;

Result<Values> readFlags(const std::vector<std::string>& arguments) {
    Values values;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (!argument.starts_with("--")) return invalid("unexpected argument \"" + argument + "\"");
        const auto equals = argument.find('=');
        const std::string name = argument.substr(2, equals - 2);
        const auto* info = find(name);
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

// The setting's name that the variable comes closest to: TYPING_TIMEOUT is typing.timeout.
std::string settingName(std::string_view variable) {
    std::string out;
    for (const char c : variable) out += c == '_' ? '.' : static_cast<char>(std::tolower(c));
    return out;
}

// The environment is shared, and others have names of their own behind the prefix: only what
// looks like a setting mistyped is refused.
bool isMistyped(std::string_view variable) {
    const std::string name = settingName(variable);
    const auto distance = editDistance(
        name, settingName(variableName(nearest(name).name).substr(kVariablePrefix.size())));
    return distance <= variable.size() / 5;
}

Result<Values> readVariables(const std::vector<std::string>& variables,
                             std::vector<std::string>& ignored) {
    Values values;
    for (const auto& variable : variables) {
        if (!variable.starts_with(kVariablePrefix)) continue;
        const auto equals = std::min(variable.find('='), variable.size());
        const auto name = variable.substr(0, equals);
        const auto value = variable.substr(std::min(equals + 1, variable.size()));
        if (name == "PARLEY_CONFIG") {
            values["config"] = value;
            continue;
        }
        const auto& table = settingTable();
        const auto info = std::find_if(table.begin(), table.end(), [&](const SettingInfo& one) {
            return variableName(one.name) == name;
        });
        if (info != table.end()) {
            values[std::string(info->name)] = value;
        } else if (const auto bare = name.substr(kVariablePrefix.size()); isMistyped(bare)) {
            return invalid("there is no setting for the variable " + name + "; did you mean " +
                           variableName(nearest(settingName(bare)).name) + "?");
        } else {
            ignored.push_back(name);
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
        if (!find(name)) return invalid(where + unknown(name).message);
        values[name] = trimmed(line.substr(equals + 1));
    }
    return values;
}

}  // namespace

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
    auto merged = readVariables(variables, settings.ignoredVariables);
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
        if (auto applied = apply(settings, *find(name), value); !applied) return applied.error();
    }
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
        "names are refused, the nearest one is named; a PARLEY_* variable that resembles no "
        "setting is "
        "logged and ignored.\n\n"
        "| setting | default | unit | range | what |\n|---|---|---|---|---|\n";
    for (const auto& info : settingTable()) {
        const bool ranged = info.unit != "text" && info.unit != "switch";
        out += "| `" + std::string(info.name) + "` | `" + info.get(defaults) + "` | " +
               std::string(info.unit) + " | " +
               (ranged ? std::to_string(info.min) + " to " + std::to_string(info.max) : "") +
               " | " + std::string(info.doc) + " |\n";
    }
    return out;
}

}  // namespace parley
