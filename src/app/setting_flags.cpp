#include "app/setting_sources.h"

#include <parley/core/check.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

/// Settings as flags of `parley serve`, in groups by what they are about.
namespace parley::app {
namespace {

// By the part of the name before its dot; settings without one are what most people set.
constexpr std::array kGroups{
    std::pair{"", "Where it listens, what it keeps"},
    std::pair{"log", "Where it listens, what it keeps"},
    std::pair{"auth", "Identity and TLS"},
    std::pair{"tls", "Identity and TLS"},
    std::pair{"proxy", "Identity and TLS"},
    std::pair{"cors", "HTTP and web pages"},
    std::pair{"http", "HTTP and web pages"},
    std::pair{"io", "Connections"},
    std::pair{"ping", "Connections"},
    std::pair{"upgrade", "Connections"},
    std::pair{"connect", "Connections"},
    std::pair{"payload", "Connections"},
    std::pair{"polling", "Connections"},
    std::pair{"rate", "Rates, with auth.mode=jwt"},
    std::pair{"rooms", "Conversations"},
    std::pair{"participants", "Conversations"},
    std::pair{"typing", "Conversations"},
    std::pair{"recovery", "Clients that come back"},
    std::pair{"sessions", "Clients that come back"},
    std::pair{"retention", "Storage"},
    std::pair{"storage", "Storage"},
    std::pair{"backup", "Storage"},
    std::pair{"writer", "Queues and threads"},
    std::pair{"readers", "Queues and threads"},
    std::pair{"audit", "Audits and console"},
    std::pair{"console", "Audits and console"},
    std::pair{"drain", "Stopping"},
    std::pair{"cluster", "Several nodes with one log"},
};

std::string placeholderOf(const SettingInfo& info) {
    if (info.unit == "switch") return "";
    if (info.name == "data" || info.name == "backup.folder") return "DIR";
    if (info.name == "auth.keys") return "FILES";
    if (info.name.starts_with("tls.") && info.unit == "text") return "FILE";
    if (info.name == "auth.revoked") return "FILE";
    if (info.name == "cluster.nats-credentials" || info.name == "cluster.nats-ca") return "FILE";
    if (info.name == "cluster.nats") return "URLS";
    std::string unit(info.unit);
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return unit;
}

// The default, behind the doc.
std::string whenNotSaid(const SettingInfo& info, const Settings& defaults) {
    const std::string value = info.get(defaults);
    const bool off = info.unit == "switch" && value == "false";
    return value.empty() || off ? "" : " [" + value + "]";
}

}  // namespace

std::string settingGroup(std::string_view name) {
    const auto dot = name.find('.');
    const auto front = dot == std::string_view::npos ? "" : name.substr(0, dot);
    const auto found = std::find_if(kGroups.begin(), kGroups.end(),
                                    [&](const auto& one) { return one.first == front; });
    PARLEY_CHECK(found != kGroups.end());
    return found->second;
}

std::vector<SettingGroup> settingsByGroup() {
    std::vector<SettingGroup> groups;
    for (const SettingInfo& info : settingTable()) {
        const std::string name = settingGroup(info.name);
        auto group = std::find_if(groups.begin(), groups.end(),
                                  [&](const auto& one) { return one.name == name; });
        if (group == groups.end()) group = groups.insert(group, {name, {}});
        group->settings.push_back(&info);
    }
    return groups;
}

std::string rangeOf(const SettingInfo& info) {
    if (isNumber(info)) return std::to_string(info.min) + " to " + std::to_string(info.max);
    if (info.unit == "rate") return "0; 1/1 to 1000000/1000000";
    return "";
}

std::vector<OptionInfo> settingOptions() {
    const Settings defaults = defaultSettings();
    std::vector<OptionInfo> options;
    for (const SettingInfo& info : settingTable()) {
        options.push_back({.name = std::string(info.name),
                           .value = placeholderOf(info),
                           .doc = std::string(info.doc) + whenNotSaid(info, defaults),
                           .group = settingGroup(info.name),
                           .lastCounts = true,
                           .words = {info.words.begin(), info.words.end()}});
    }
    options.push_back(
        {.name = "config",
         .value = "FILE",
         .doc = "Read settings from this file too: lines of name = value. PARLEY_CONFIG names "
                "it as well.",
         .group = settingGroup("config"),
         .lastCounts = true});
    return options;
}

}  // namespace parley::app
