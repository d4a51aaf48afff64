#include "app/nearest.h"
#include "app/setting_sources.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <unistd.h>

extern char** environ;

/// Settings from the environment. It is shared: others have names of their own behind PARLEY_.
namespace parley::app {
namespace {

constexpr std::string_view kPrefix = "PARLEY_";

const SettingInfo* settingOf(std::string_view variable) {
    const auto& table = settingTable();
    const auto found = std::find_if(table.begin(), table.end(), [&](const SettingInfo& one) {
        return variableOf(one.name) == variable;
    });
    return found == table.end() ? nullptr : &*found;
}

// The setting's name that the variable comes closest to: TYPING_TIMEOUT is typing.timeout.
std::string settingName(std::string_view bareVariable) {
    std::string out;
    for (const char c : bareVariable) {
        out += c == '_' ? '.' : static_cast<char>(std::tolower(c));
    }
    return out;
}

// Only what looks like a setting mistyped is refused.
bool isMistyped(std::string_view bareVariable) {
    const std::string name = settingName(bareVariable);
    const auto distance = editDistance(
        name, settingName(variableOf(nearestSetting(name).name).substr(kPrefix.size())));
    return distance <= bareVariable.size() / 5;
}

// Kubernetes gives every container the addresses of its namespace's services. Those of a service
// named "parley", or "parley-" and more, look like settings.
bool isServiceVariable(const std::string& name) {
    static const std::regex names(
        "PARLEY_([A-Z0-9]+_)*("
        "SERVICE_HOST|SERVICE_PORT(_[A-Z0-9]+)*|"
        "PORT_[0-9]+_(TCP|UDP|SCTP)(_ADDR|_PORT|_PROTO)?)");
    return std::regex_match(name, names);
}

// "tcp://10.0.0.7:3500" where a number is due: PARLEY_PORT is both a setting and the address of a
// service named "parley".
bool isServiceAddress(std::string_view value) {
    return value.starts_with("tcp://") || value.starts_with("udp://") ||
           value.starts_with("sctp://");
}

}  // namespace

std::string variableOf(std::string_view setting) {
    std::string out(kPrefix);
    for (const char c : setting) {
        out += c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(c));
    }
    return out;
}

std::vector<std::string> environmentVariables() {
    std::vector<std::string> variables;
    for (char** one = environ; *one != nullptr; ++one) variables.emplace_back(*one);
    return variables;
}

SettingTexts readVariables(const std::vector<std::string>& variables,
                           std::vector<IgnoredVariable>& ignored, std::vector<Error>& wrong) {
    SettingTexts texts;
    for (const auto& variable : variables) {
        if (!variable.starts_with(kPrefix)) continue;
        const auto equals = std::min(variable.find('='), variable.size());
        const auto name = variable.substr(0, equals);
        const auto value = variable.substr(std::min(equals + 1, variable.size()));
        const auto bare = name.substr(kPrefix.size());
        const SettingInfo* info = settingOf(name);
        if (name == "PARLEY_CONFIG") {
            texts["config"] = value;
        } else if (isServiceVariable(name) ||
                   (info && isNumber(*info) && isServiceAddress(value))) {
            ignored.push_back({name, "kubernetes_service"});
        } else if (info) {
            texts[std::string(info->name)] = value;
        } else if (isMistyped(bare)) {
            wrong.push_back({ErrorCode::invalid_setting,
                             "there is no setting for the variable " + name + "; did you mean " +
                                 variableOf(nearestSetting(settingName(bare)).name) + "?"});
        } else {
            ignored.push_back({name, "no_setting"});
        }
    }
    return texts;
}

}  // namespace parley::app
