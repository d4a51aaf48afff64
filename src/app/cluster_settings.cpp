#include "app/setting_kinds.h"
#include "app/special_settings.h"

#include <parley/cluster/message_bus.h>
#include <parley/cluster/nats_server.h>
#include <parley/cluster/run_id.h>

/// The settings cluster.*, of a server that is one of several nodes.
namespace parley::setting_kinds {
namespace {

Result<void> name(std::string_view value) {
    if (value.empty() || isSubjectWord(value)) return {};
    return wrong("must be at most 64 characters of A-Z, a-z, 0-9, _ and -");
}

Result<void> voter(std::string_view value) {
    if (auto taken = name(value); !taken) return wrong("each name " + taken.error().message);
    return {};
}

// Says nothing of the value: it may hold a password.
Result<void> serverUrl(std::string_view value) {
    if (parseNatsServer(std::string(value))) return {};
    return wrong("each server is nats://HOST:PORT or tls://HOST:PORT");
}

/// The URL without the password that it may hold.
std::string withoutPassword(const std::string& url) {
    const auto host = url.rfind('@');
    const auto user = url.find("//");
    if (host == std::string::npos || user == std::string::npos) return url;
    const auto colon = url.find(':', user);
    if (colon == std::string::npos || colon > host) return url;
    return url.substr(0, colon + 1) + "***" + url.substr(host);
}

SettingInfo servers() {
    SettingInfo info = list(
        "cluster.nats",
        "The servers of NATS JetStream, as a comma-separated list: nats://HOST:PORT or "
        "tls://HOST:PORT, with USER:PASSWORD@ before the host where they ask for it. Passwords are "
        "not shown.",
        serverUrl, [](Settings & s) -> auto& { return s.cluster.servers; });
    info.get = [](const Settings& s) {
        std::vector<std::string> shown;
        for (const auto& url : s.cluster.servers) shown.push_back(withoutPassword(url));
        return app::joined(shown, ",");
    };
    return info;
}

}  // namespace

std::vector<SettingInfo> clusterSettings() {
    using S = Settings;
    constexpr std::int64_t kHour = 3'600'000;
    return {
        text(
            "cluster.name",
            "Name of the cluster whose node this server is; empty: it is no node "
            "(docs/cluster.md).",
            name, [](S & s) -> auto& { return s.cluster.node.cluster; }),
        text(
            "cluster.node", "Name of this node.", name,
            [](S & s) -> auto& { return s.cluster.node.node; }),
        number(
            "cluster.number", "number", "Number of this node, which no other node has; from 1.", 0,
            kNodesMax, [](S & s) -> auto& { return s.cluster.node.run.node; }),
        list(
            "cluster.voters",
            "Names of the nodes of which a majority must have stored what is acknowledged, as a "
            "comma-separated list; the same on all nodes. A node that is not among them only "
            "follows.",
            voter, [](S & s) -> auto& { return s.cluster.node.voters; }),
        servers(),
        text(
            "cluster.nats-credentials",
            "File with the credentials of a user of NATS (.creds); empty: none.",
            [](S & s) -> auto& { return s.cluster.credentialsFile; }),
        text(
            "cluster.nats-ca",
            "File with the certificates that may sign those of the NATS servers. Empty: the "
            "system's.",
            [](S & s) -> auto& { return s.cluster.caFile; }),
        number(
            "cluster.replicas", "number",
            "On how many NATS servers the stream is kept that `parley cluster init` makes.", 1, 5,
            [](S & s) -> auto& { return s.cluster.replicas; }),
        number(
            "cluster.stream-bytes", "bytes",
            "Size of that stream on each server, beyond which its oldest messages go. A node that "
            "was away for longer joins anew from a backup.",
            std::int64_t{64} << 20, std::int64_t{1} << 50,
            [](S & s) -> auto& { return s.cluster.streamBytes; }),
        duration(
            "cluster.leader-timeout",
            "Time without a leader after which this node asks to lead, up to as much again later "
            "by chance.",
            200, kHour, [](S & s) -> auto& { return s.cluster.node.leaderTimeout; }),
        duration(
            "cluster.node-lost",
            "Time without word of a node after which its connections count as gone.", 1000, kHour,
            [](S & s) -> auto& { return s.cluster.node.nodeLost; }),
        duration(
            "cluster.wait",
            "For how long a request waits for a leader before it is refused with `unavailable`.", 0,
            kHour, [](S & s) -> auto& { return s.cluster.node.wait; }),
        duration(
            "cluster.ready-lag",
            "For how long this node may be behind the others before /readyz says so.", 100, kHour,
            [](S & s) -> auto& { return s.cluster.readyLag; }),
    };
}

}  // namespace parley::setting_kinds
