#include "app/command_options.h"
#include "app/nearest.h"
#include "app/setting_sources.h"

#include <parley/app/settings.h>
#include <parley/core/try.h>

#include <Poco/Net/IPAddress.h>

#include <charconv>

namespace parley {
namespace {

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
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

// recovery.enabled=false of earlier versions.
Result<void> readSwitchedOff(Settings& settings, const app::SettingTexts& said) {
    if (!settings.recoverySwitchedOff) return {};
    if (said.contains("recovery.for") && settings.gateway.recoveryFor != RecoveryFor::none) {
        return invalid("recovery.enabled=false and recovery.for=" + said.at("recovery.for") +
                       " contradict each other: say recovery.for alone");
    }
    settings.gateway.recoveryFor = RecoveryFor::none;
    settings.warnings.emplace_back("recovery.enabled=false is read as recovery.for=none: say that");
    return {};
}

// Beyond this machine, nothing protects what is open, and nothing hides tokens on their way.
Result<void> checkExposure(const Settings& settings) {
    if (isLoopback(settings.net.host) || settings.insecureOpen) return {};
    if (settings.auth.mode == auth::Mode::none) {
        return invalid("host " + settings.net.host +
                       " is not loopback, and there is no authentication: anybody who reaches it "
                       "could read and write everything. Pass --insecure-open to allow this");
    }
    if (settings.net.tls.isOn() || !settings.net.trustedProxies.empty()) return {};
    return invalid(
        "host " + settings.net.host +
        " is not loopback, and there is no TLS: anybody on the way could read tokens and "
        "messages. Name a certificate in tls.certificate and tls.key, or let a proxy end TLS and "
        "name it in proxy.trusted, or pass --insecure-open to allow this");
}

Result<void> checkTls(const net::TlsOptions& tls) {
    if (tls.certificateFile.empty() == tls.keyFile.empty()) return {};
    return invalid(tls.keyFile.empty() ? "tls.certificate is given without tls.key: say both"
                                       : "tls.key is given without tls.certificate: say both");
}

constexpr std::string_view kAuthMode = "auth.mode";

// Half a configuration must not look like authentication.
Result<void> checkAuth(const Settings& settings) {
    if (settings.auth.mode == auth::Mode::jwt) {
        if (!settings.auth.keyFiles.empty()) return {};
        return invalid(
            "auth.keys is empty, but auth.mode is jwt: name the public keys of your identity "
            "provider. For a first try, `openssl genpkey -algorithm EC -pkeyopt "
            "ec_paramgen_curve:P-256 -out key.pem` makes a key that auth.keys can name and `parley "
            "token --keys key.pem` can sign with");
    }
    const Settings defaults = app::defaultSettings();
    for (const auto& info : settingTable()) {
        const bool isOfTokens = info.name.starts_with("auth.") && info.name != kAuthMode;
        if (!isOfTokens || info.get(settings) == info.get(defaults)) continue;
        return invalid(std::string(info.name) +
                       " has no effect, because auth.mode is none: say auth.mode=jwt too");
    }
    return {};
}

// Without tokens nobody can be told apart, so that there is nothing to count.
Result<void> checkRates(const Settings& settings, const app::SettingTexts& said) {
    if (settings.auth.mode == auth::Mode::jwt) return {};
    for (const auto& [name, value] : said) {
        const bool isRate = name.starts_with("rate.") || name == "io.connections-per-user";
        if (!isRate || value == "0") continue;
        return invalid(name + " has no effect, because auth.mode is none: say auth.mode=jwt too");
    }
    return {};
}

// Tokens keep strangers out, whatever the name that they ask for; of web pages, only those that
// are named are let in.
void readModeDefaults(Settings& settings, const app::SettingTexts& said) {
    if (settings.auth.mode != auth::Mode::jwt) return;
    if (!said.contains("cors.origins")) settings.net.corsOrigins.clear();
    settings.net.anyHost = settings.net.hosts.empty();
}

// Those that are not as they would be if nothing had been said. No setting holds a secret: keys are
// in files.
std::vector<SettingInForce> inForce(const Settings& settings,
                                    const std::function<std::string(const std::string&)>& from) {
    const Settings defaults = app::defaultSettings();
    std::vector<SettingInForce> changed;
    for (const auto& info : settingTable()) {
        std::string value = info.get(settings);
        std::string standard = info.get(defaults);
        if (value == standard) continue;
        const std::string name(info.name);
        changed.push_back({name, std::move(value), std::move(standard), from(name)});
    }
    return changed;
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

Error app::unknownSetting(const std::string& name) {
    return invalid("there is no setting \"" + name + "\"; did you mean \"" +
                   std::string(nearestSetting(name).name) + "\"?");
}

bool app::isNumber(const SettingInfo& info) {
    return info.unit != "text" && info.unit != "switch" && info.unit != "rate";
}

bool isLoopback(std::string_view host) {
    if (host == "localhost") return true;  // never looked up: the server takes both loopbacks
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    Poco::Net::IPAddress address;
    return Poco::Net::IPAddress::tryParse(std::string(host), address) && address.isLoopback();
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

Result<Settings> app::mergeSettings(const SettingTexts& flags,
                                    const std::vector<std::string>& variables) {
    Settings settings = defaultSettings();
    PARLEY_TRY_ASSIGN(auto merged, readVariables(variables, settings.ignoredVariables));
    const SettingTexts ofEnvironment = merged;
    for (const auto& [name, value] : flags) merged[name] = value;
    if (const auto config = merged.find("config"); config != merged.end()) {
        PARLEY_TRY_ASSIGN(auto file, readSettingFile(config->second));
        merged.erase(config);
        merged.insert(file.begin(), file.end());  // does not replace what is there
    }
    for (const auto& [name, value] : merged) {
        PARLEY_TRY(apply(settings, *findSetting(name), value));
    }
    PARLEY_TRY(readSwitchedOff(settings, merged));
    PARLEY_TRY(checkAuth(settings));
    PARLEY_TRY(checkRates(settings, merged));
    readModeDefaults(settings, merged);
    PARLEY_TRY(checkTls(settings.net.tls));
    PARLEY_TRY(checkExposure(settings));
    const auto from = [&](const std::string& name) {
        if (flags.contains(name)) return "flag";
        if (ofEnvironment.contains(name)) return "variable";
        return merged.contains(name) ? "file" : "mode";
    };
    settings.gateway.settings = inForce(settings, from);
    return settings;
}

std::string settingsReference() {
    const Settings defaults = app::defaultSettings();
    std::string out =
        "# Configuration\n\n"
        "Generated by `parley docs configuration`. Each setting is a flag (`--typing.timeout "
        "6000`), a variable (`PARLEY_TYPING_TIMEOUT=6000`) or a line of the file that `--config` "
        "names (`typing.timeout = 6000`). A flag overrides a variable, a variable overrides the "
        "file. Unknown names are refused, with the nearest name as a suggestion. The log warns "
        "about each PARLEY_* variable that is ignored: variables that resemble no setting, and "
        "those that Kubernetes sets for a service named `parley` "
        "(`PARLEY_PORT=tcp://10.0.0.7:3500`, `PARLEY_SERVICE_HOST` and similar)."
        " A rate is `PER_SECOND/BURST`: `20/100` allows 20 in a second for as long as one likes, "
        "and "
        "100 at once after a pause; `0` is no limit. Rates and `io.connections-per-user` count "
        "only "
        "with `auth.mode=jwt`; with `none` they are off, and refused where they are said."
        "\n\n"
        "| setting | default | unit | range | meaning |\n|---|---|---|---|---|\n";
    for (const auto& info : settingTable()) {
        const bool ranged = app::isNumber(info);
        const std::string range = ranged
                                      ? std::to_string(info.min) + " to " + std::to_string(info.max)
                                      : (info.unit == "rate" ? "0; 1/1 to 1000000/1000000" : "");
        out += "| `" + std::string(info.name) + "` | `" + info.get(defaults) + "` | " +
               std::string(info.unit) + " | " + range + " | " + std::string(info.doc) + " |\n";
    }
    return out;
}

}  // namespace parley
