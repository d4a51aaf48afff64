#include "app/setting_checks.h"

#include <Poco/Net/IPAddress.h>

/// What is wrong with settings only together.
namespace parley {
namespace {

Error invalid(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
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

}  // namespace

bool isLoopback(std::string_view host) {
    if (host == "localhost") return true;  // never looked up: the server takes both loopbacks
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    Poco::Net::IPAddress address;
    return Poco::Net::IPAddress::tryParse(std::string(host), address) && address.isLoopback();
}

void app::checkTogether(Settings& settings, const SettingTexts& said, std::vector<Error>& wrong) {
    const auto note = [&](const Result<void>& done) {
        if (!done) wrong.push_back(done.error());
    };
    note(readSwitchedOff(settings, said));
    note(checkAuth(settings));
    note(checkRates(settings, said));
    readModeDefaults(settings, said);
    note(checkTls(settings.net.tls));
    note(checkExposure(settings));
}

}  // namespace parley
