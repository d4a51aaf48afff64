#include "app/setting_checks.h"

#include <parley/cluster/nats_server.h>

#include <Poco/Net/IPAddress.h>

#include <algorithm>
#include <arpa/inet.h>
#include <regex>

/// What is wrong with settings only together.
namespace parley {
namespace {

using app::RefuseSetting;

// recovery.enabled=false of earlier versions.
void readSwitchedOff(Settings& settings, const app::SettingTexts& said,
                     const RefuseSetting& refuse) {
    const std::string name = "recovery.enabled";
    if (!settings.recoverySwitchedOff) return;
    if (said.contains("recovery.for") && settings.gateway.recoveryFor != RecoveryFor::none) {
        refuse(name, "recovery.enabled=false and recovery.for=" + said.at("recovery.for") +
                         " contradict each other: say recovery.for alone");
        return;
    }
    settings.gateway.recoveryFor = RecoveryFor::none;
    settings.warnings.emplace_back("recovery.enabled=false is read as recovery.for=none: say that");
}

// Beyond this machine, nothing protects what is open, and nothing hides tokens on their way.
void checkExposure(const Settings& settings, const RefuseSetting& refuse) {
    const std::string host = "host";
    if (isLoopback(settings.net.host) || settings.insecureOpen) return;
    if (settings.auth.mode == auth::Mode::none) {
        refuse(host, "host " + settings.net.host +
                         " is not loopback, and there is no authentication: anybody who reaches it "
                         "could read and write everything. Pass --insecure-open to allow this");
    } else if (!settings.net.tls.isOn() && settings.net.trustedProxies.empty()) {
        refuse(host, "host " + settings.net.host +
                         " is not loopback, and there is no TLS: anybody on the way could read "
                         "tokens and messages. Name a certificate in tls.certificate and tls.key, "
                         "or let a proxy end TLS and name it in proxy.trusted, or pass "
                         "--insecure-open to allow this");
    }
}

void checkTls(const net::TlsOptions& tls, const RefuseSetting& refuse) {
    const std::string certificate = "tls.certificate";
    const std::string key = "tls.key";
    const auto refuseAlone = [&](const std::string& said, const std::string& other) {
        refuse(said, said + " is given without " + other + ": say both");
    };
    if (tls.certificateFile.empty() && !tls.keyFile.empty()) refuseAlone(key, certificate);
    if (!tls.certificateFile.empty() && tls.keyFile.empty()) refuseAlone(certificate, key);
}

// What is neither an address nor a name that could be looked up. The last part of a name is no
// number, as that of an address is.
void checkHost(const std::string& host, const RefuseSetting& refuse) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
    in6_addr address{};  // has room for either kind
    if (::inet_pton(AF_INET6, bare.c_str(), &address) == 1) return;
    if (!bracketed && ::inet_pton(AF_INET, bare.c_str(), &address) == 1) return;
    static const std::regex name(
        "([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\\.)*"
        "[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\\.?");
    static const std::regex endsInNumber("(.*\\.)?[0-9]+\\.?");
    if (host.size() <= 253 && std::regex_match(host, name) &&
        !std::regex_match(host, endsInNumber)) {
        return;
    }
    refuse("host", "host \"" + host + "\" is neither an address nor the name of a host");
}

constexpr std::string_view kAuthMode = "auth.mode";

void refuseWithoutTokens(const std::string& name, const RefuseSetting& refuse) {
    refuse(name, name + " has no effect, because auth.mode is none: say auth.mode=jwt too");
}

// Half a configuration must not look like authentication.
void checkAuth(const Settings& settings, const RefuseSetting& refuse) {
    if (settings.auth.mode == auth::Mode::jwt) {
        if (!settings.auth.keyFiles.empty()) return;
        refuse(std::string(kAuthMode),
               "auth.keys is empty, but auth.mode is jwt: name the public keys of your identity "
               "provider. For a first try, `openssl genpkey -algorithm EC -pkeyopt "
               "ec_paramgen_curve:P-256 -out key.pem` makes a key that auth.keys can name and "
               "`parley token --keys key.pem` can sign with");
        return;
    }
    const Settings defaults = app::defaultSettings();
    for (const auto& info : settingTable()) {
        const bool isOfTokens = info.name.starts_with("auth.") && info.name != kAuthMode;
        if (!isOfTokens || info.get(settings) == info.get(defaults)) continue;
        refuseWithoutTokens(std::string(info.name), refuse);
    }
}

// Without tokens nobody can be told apart, so that there is nothing to count.
void checkRates(const Settings& settings, const app::SettingTexts& said,
                const RefuseSetting& refuse) {
    if (settings.auth.mode == auth::Mode::jwt) return;
    for (const auto& [name, value] : said) {
        const bool isRate = name.starts_with("rate.") || name == "io.connections-per-user";
        if (isRate && value != "0") refuseWithoutTokens(name, refuse);
    }
}

// Whether one of them is reached over a network, in the clear or without a user.
bool isExposed(const ClusterOptions& cluster) {
    return std::ranges::any_of(cluster.servers, [&](const std::string& url) {
        const auto server = parseNatsServer(url);
        if (!server || isLoopback(server->host)) return false;
        const bool isSecret = server->tls || !cluster.caFile.empty();
        const bool hasUser = server->hasUser || !cluster.credentialsFile.empty();
        return !isSecret || !hasUser;
    });
}

void refuseWithoutCluster(const app::SettingTexts& said, const RefuseSetting& refuse) {
    for (const auto& [name, value] : said) {
        if (!name.starts_with("cluster.") || value.empty()) continue;
        refuse(name, name + " has no effect without cluster.name");
    }
}

void checkCluster(const Settings& settings, const app::SettingTexts& said,
                  const RefuseSetting& refuse) {
    const auto& cluster = settings.cluster;
    const std::string name = "cluster.name";
    if (!cluster.isOn()) return refuseWithoutCluster(said, refuse);
    const auto needs = [&](const char* other) {
        refuse(name, std::string(other) + " is not said, but a node needs it");
    };
    if (cluster.node.node.empty()) needs("cluster.node");
    if (cluster.node.run.node == 0) needs("cluster.number");
    if (cluster.node.voters.empty()) needs("cluster.voters");
    if (cluster.servers.empty()) needs("cluster.nats");
    auto voters = cluster.node.voters;
    std::ranges::sort(voters);
    if (std::ranges::adjacent_find(voters) != voters.end()) {
        refuse("cluster.voters", "cluster.voters has a name twice");
    }
    if (!settings.insecureOpen && isExposed(cluster)) {
        refuse("cluster.nats",
               "a server of cluster.nats is not on this machine: anybody on the way could read "
               "and write the log. Use tls:// and a user, or cluster.nats-ca and "
               "cluster.nats-credentials, or pass --insecure-open to allow this");
    }
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

void app::checkTogether(Settings& settings, const SettingTexts& said, const RefuseSetting& refuse) {
    readSwitchedOff(settings, said, refuse);
    checkAuth(settings, refuse);
    checkRates(settings, said, refuse);
    readModeDefaults(settings, said);
    checkTls(settings.net.tls, refuse);
    checkHost(settings.net.host, refuse);
    checkExposure(settings, refuse);
    checkCluster(settings, said, refuse);
}

}  // namespace parley
