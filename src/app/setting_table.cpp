#include "app/setting_kinds.h"
#include "app/special_settings.h"

#include <parley/app/settings.h>

#include <algorithm>
#include <array>
#include <utility>

/// All settings, each with its kind, its range and the field that holds it.
namespace parley {
namespace {

using namespace setting_kinds;

// Each as its enum.
constexpr std::array<std::string_view, 3> kRecoveryFor{"asked", "all", "none"};
constexpr std::array<std::string_view, 2> kAuthModes{"none", "jwt"};
constexpr std::array<std::string_view, 2> kCustomerIds{"server", "own"};

Result<void> anyText(std::string_view) {
    return {};
}

Result<void> nonEmpty(std::string_view value) {
    if (value.empty()) return wrong("must not be empty");
    return {};
}

// RFC 6265, section 4.1.1: a token of RFC 2616.
Result<void> cookieName(std::string_view value) {
    constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={} \t";
    const bool good = std::all_of(value.begin(), value.end(), [&](char c) {
        return c > ' ' && c < 127 && kSeparators.find(c) == std::string_view::npos;
    });
    if (!good) return wrong("is no name of a cookie");
    return {};
}

// All but those of a cluster.
std::vector<SettingInfo> ownSettings() {
    using S = Settings;
    constexpr std::int64_t kHour = 3'600'000;
    constexpr std::int64_t kCentury = 100 * 365 * 24 * kHour;
    constexpr std::int64_t kGiB = 1LL << 30;
    constexpr std::int64_t kRequest = kRequestBytesMax;
    return {
        text(
            "host", "Address to listen on; localhost means both 127.0.0.1 and ::1.",
            [](S & s) -> auto& { return s.net.host; }),
        number(
            "port", "number", "TCP port; 0 picks a free one.", 0, 65535,
            [](S & s) -> auto& { return s.net.port; }),
        dataFolder(),
        onOff(
            "insecure-open",
            "Allow an address that is not loopback, although there is no authentication or no TLS.",
            [](S & s) -> auto& { return s.insecureOpen; }),
        onOff(
            "accept-clock",
            "Start even if the clock is more than an hour behind the log's last event; new events "
            "get that event's time until the clock has passed it.",
            [](S & s) -> auto& { return s.engine.acceptClock; }),
        logLevel(),
        logFormat(),
        choice(
            "auth.mode",
            "Where the identity of a client comes from: none (from its requests, unchecked) or jwt "
            "(from signed tokens).",
            kAuthModes, [](S & s) -> auto& { return s.auth.mode; }),
        list(
            "auth.keys",
            "Files with the keys that verify tokens, as a comma-separated list: PEM, or a JWKS "
            "with keys of the types oct, RSA and EC. Weak keys are refused. Reloaded on SIGHUP.",
            anyText, [](S & s) -> auto& { return s.auth.keyFiles; }),
        text(
            "auth.issuer", "What `iss` of a token must be; empty: not checked.",
            [](S & s) -> auto& { return s.auth.issuer; }),
        text(
            "auth.audience", "What `aud` of a token must be or contain; empty: not checked.",
            [](S & s) -> auto& { return s.auth.audience; }),
        duration(
            "auth.skew",
            "By how much the clocks of the server and of the issuer of tokens may differ.", 0,
            kHour, [](S & s) -> auto& { return s.auth.skew; }),
        number(
            "auth.token-bytes", "bytes",
            "Maximum length of a token. A value of an HTTP header may have 8,191 bytes.", 256,
            65'536, [](S & s) -> auto& { return s.auth.tokenBytesMax; }),
        number(
            "auth.cache", "number",
            "Maximum verified tokens that are remembered, so that each is verified once; 0: none.",
            0, 1'000'000, [](S & s) -> auto& { return s.auth.cachedTokensMax; }),
        duration(
            "auth.expiry-warning",
            "Time before the end of a token at which its client gets `token_expiring`; 0: never.",
            0, kHour, [](S & s) -> auto& { return s.auth.expiryWarning; }),
        text(
            "auth.revoked",
            "File of revoked tokens: lines of `{\"jti\":\"ID\"}` or "
            "`{\"sub\":\"USER\",\"notBefore\":SECONDS}`. Reloaded on SIGHUP. Empty: none is "
            "revoked.",
            [](S & s) -> auto& { return s.auth.revokedFile; }),
        text(
            "auth.cookie", "Name of a cookie that may hold the token; empty: none may.", cookieName,
            [](S & s) -> auto& { return s.auth.cookie; }),
        text(
            "auth.claim.kind", "Name of the claim that holds the kind of a principal.", nonEmpty,
            [](S & s) -> auto& { return s.auth.claims.kind; }),
        text(
            "auth.claim.role", "Name of the claim that holds the role of a person or robot.",
            nonEmpty, [](S & s) -> auto& { return s.auth.claims.role; }),
        text(
            "auth.claim.conversations", "Name of the claim that lists conversations.", nonEmpty,
            [](S & s) -> auto& { return s.auth.claims.conversations; }),
        text(
            "auth.claim.roles",
            "Name of the claim that lists the roles of the users that a service may act as.",
            nonEmpty, [](S & s) -> auto& { return s.auth.claims.roles; }),
        choice(
            "auth.customer-ids",
            "Who names the conversation that a customer starts: server, or own (the customer "
            "may, and can then tell whether an id exists).",
            kCustomerIds, [](S & s) -> auto& { return s.auth.customerIds; }),
        list(
            "cors.origins",
            "Web pages that may connect, as a comma-separated list: origins, null, local (http and "
            "https on localhost, *.localhost, 127.0.0.0/8 and [::1], any port) or * (any). The "
            "server's own origin is always allowed. All others get 403 `origin_refused`. With "
            "`auth.mode=jwt` the default is empty: no other pages.",
            net::checkOrigin, [](S & s) -> auto& { return s.net.corsOrigins; }),
        list(
            "http.hosts",
            "Host names by which clients reach the server, as a comma-separated list. IP "
            "addresses, "
            "localhost, *.localhost and the name in `host` are always allowed. All others get 421 "
            "`misdirected`. With `auth.mode=jwt` and an empty list any name is allowed.",
            net::checkHost, [](S & s) -> auto& { return s.net.hosts; }),
        text(
            "tls.certificate",
            "PEM file of the server's certificate and those that lead from it to a root. With it "
            "the server speaks TLS (1.2 and 1.3) alone. Reloaded on SIGHUP. Empty: no TLS.",
            [](S & s) -> auto& { return s.net.tls.certificateFile; }),
        text(
            "tls.key",
            "PEM file of the certificate's private key, without a passphrase. Reloaded on SIGHUP.",
            [](S & s) -> auto& { return s.net.tls.keyFile; }),
        number(
            "tls.handshakes-a-turn", "number",
            "Maximum TLS handshakes that one I/O loop signs before it serves its other clients "
            "again; the rest wait for the next turn. 0: no limit.",
            0, 10'000, [](S & s) -> auto& { return s.net.tls.handshakesATurn; }),
        list(
            "proxy.trusted",
            "Proxies in front of Parley, as a comma-separated list of addresses and networks "
            "(10.0.0.0/8). Only they are believed when they name their client in "
            "`X-Forwarded-For`, and `io.connections-per-address` does not count them.",
            net::checkProxy, [](S & s) -> auto& { return s.net.trustedProxies; }),
        number(
            "io.threads", "number", "I/O loops.", 1, 64,
            [](S & s) -> auto& { return s.net.threads; }),
        number(
            "io.connections", "number", "Maximum TCP connections; at the limit accepting pauses.",
            1, 10'000'000, [](S & s) -> auto& { return s.net.connectionsMax; }),
        number(
            "io.connections-per-address", "number",
            "Maximum TCP connections per IPv4 address or IPv6 /64; further ones get 429. 0: no "
            "limit. Connections of `proxy.trusted` are not counted.",
            0, 10'000'000, [](S & s) -> auto& { return s.net.connectionsPerAddressMax; }),
        number(
            "io.connections-per-user", "number",
            "Maximum connections of one user in the default namespace; further ones are refused "
            "with `limit_reached`. Services have none. 0: no limit. Only with auth.mode=jwt.",
            0, 10'000'000, [](S & s) -> auto& { return s.gateway.rates.connectionsPerUserMax; }),
        rate(
            "rate.messages", "Messages of one connection.",
            [](S & s) -> auto& { return s.gateway.rates.messages; }),
        rate(
            "rate.typing", "Typing events of one connection.",
            [](S & s) -> auto& { return s.gateway.rates.typing; }),
        rate(
            "rate.reads", "Reads of history of one connection.",
            [](S & s) -> auto& { return s.gateway.rates.reads; }),
        rate(
            "rate.joins",
            "Joins, leaves, dashboards and renewed tokens of one connection; of one user over "
            "REST.",
            [](S & s) -> auto& { return s.gateway.rates.joins; }),
        rate(
            "rate.user-messages", "Messages of one user, over all connections and REST.",
            [](S & s) -> auto& { return s.gateway.rates.userMessages; }),
        rate(
            "rate.user-reads", "Reads of one user, over all connections and REST.",
            [](S & s) -> auto& { return s.gateway.rates.userReads; }),
        rate(
            "rate.user-rest", "REST requests of one user.",
            [](S & s) -> auto& { return s.gateway.rates.userRest; }),
        rate(
            "rate.connects",
            "Handshakes of one client address, and CONNECTs beyond the first of a connection.",
            [](S & s) -> auto& { return s.gateway.rates.connects; }),
        rate(
            "rate.auth-failures",
            "Bad tokens of one client address. Beyond it, tokens that were not verified before "
            "wait, and each further bad one doubles the wait, up to a minute.",
            [](S & s) -> auto& { return s.gateway.rates.authFailures; }),
        number(
            "io.sessions", "number",
            "Maximum Engine.IO sessions per I/O loop; further ones get 503.", 1, 16'000'000,
            [](S & s) -> auto& { return s.net.engineio.sessionsMax; }),
        number(
            "io.outbox", "bytes",
            "Maximum unsent bytes of one WebSocket; beyond it the client is not read until half is "
            "left.",
            65'536, kGiB, [](S & s) -> auto& { return s.net.outboxBytesMax; }),
        number(
            "io.outbox-total", "bytes",
            "Maximum unsent bytes of all connections together; beyond it the connections that took "
            "nothing for the longest time are closed, and reads get `busy`.",
            65'536, 1024 * kGiB, [](S & s) -> auto& { return s.net.outputBytesMax; }),
        duration(
            "io.stalled",
            "Time after which a client that takes none of its output is closed as slow; so is a "
            "client beyond io.outbox that takes less than 16 kB/s over that time.",
            100, kHour, [](S & s) -> auto& { return s.net.engineio.stalled; }),
        number(
            "io.send-buffer", "bytes",
            "Approximate kernel send buffer of one connection; 0: the kernel decides, up to 4 MB.",
            0, 1 << 30, [](S & s) -> auto& { return s.net.sendBufferBytes; }),
        number(
            "http.header", "bytes", "Maximum size of an HTTP header.", 1024, 1 << 20,
            [](S & s) -> auto& { return s.net.httpHeaderBytesMax; }),
        number(
            "http.uri", "bytes", "Maximum length of a URL; longer ones get 414.", 256, 1 << 20,
            [](S & s) -> auto& { return s.net.httpUriBytesMax; }),
        number(
            "http.body", "bytes",
            "Maximum body of a REST request; any message within its limits fits.", kRequest, kGiB,
            [](S & s) -> auto& { return s.net.httpBodyBytesMax; }),
        duration(
            "http.header-timeout", "Time limit from a header's first byte to its end.", 100, kHour,
            [](S & s) -> auto& { return s.net.headerTimeout; }),
        duration(
            "http.body-timeout", "Time limit from the end of the header to the end of the body.",
            100, kHour, [](S & s) -> auto& { return s.net.bodyTimeout; }),
        duration(
            "http.idle-timeout", "Time limit of a kept-alive connection without a request.", 100,
            kHour, [](S & s) -> auto& { return s.net.idleTimeout; }),
        duration(
            "ping.interval", "Time between a pong and the next ping.", 100, kHour,
            [](S & s) -> auto& { return s.net.engineio.pingInterval; }),
        duration(
            "ping.timeout", "Time for a pong; without one the session ends.", 100, kHour,
            [](S & s) -> auto& { return s.net.engineio.pingTimeout; }),
        duration(
            "upgrade.timeout", "Time for a client to complete its upgrade.", 100, kHour,
            [](S & s) -> auto& { return s.net.engineio.upgradeTimeout; }),
        duration(
            "connect.timeout", "Time for a client to enter the default namespace.", 100, kHour,
            [](S & s) -> auto& { return s.gateway.connectTimeout; }),
        number(
            "payload.max", "bytes",
            "Maximum packet of a client; any message within its limits fits.", kRequest, kGiB,
            [](S & s) -> auto& { return s.net.engineio.maxPayloadBytes; }),
        number(
            "polling.queue", "bytes",
            "Maximum unsent bytes of one polling client; beyond it its POSTs get no reply until "
            "half is "
            "left.",
            65'536, kGiB, [](S & s) -> auto& { return s.net.engineio.queueBytesMax; }),
        number(
            "rooms.per-connection", "number", "Maximum rooms of one connection.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.roomsPerConnectionMax; }),
        number(
            "participants.max", "number",
            "Maximum participants of one conversation; at the limit further joins are refused.", 1,
            1'000'000, [](S & s) -> auto& { return s.engine.participantsMax; }),
        number(
            "typing.users", "number", "Maximum users typing at once.", 1, 10'000'000,
            [](S & s) -> auto& { return s.engine.typingMax; }),
        duration(
            "typing.timeout", "Typing without further events ends after this time.", 100, kHour,
            [](S & s) -> auto& { return s.engine.typingTimeout; }),
        duration(
            "retention.typing",
            "Typing events older than this lose their data, but keep their rows; 0: never.", 0,
            kCentury, [](S & s) -> auto& { return s.engine.typingRetention; }),
        choice(
            "recovery.for",
            "Clients that get cursors and can recover what they missed: asked (clients that "
            "ask for it or send a pid), all (except clients that decline) or none.",
            kRecoveryFor, [](S & s) -> auto& { return s.gateway.recoveryFor; }),
        recoveryEnabled(),
        duration(
            "recovery.retention", "A client that was away for longer starts afresh.", 1000,
            3650 * 24 * kHour, [](S & s) -> auto& { return s.engine.sessionRetention; }),
        number(
            "sessions.max", "number",
            "Maximum resumable sessions; beyond it the session that disconnected first is evicted.",
            1, 100'000'000, [](S & s) -> auto& { return s.engine.sessionsMax; }),
        number(
            "writer.queue", "number", "Maximum waiting requests; further ones get `busy`.", 1,
            10'000'000, [](S & s) -> auto& { return s.engine.queueRequestsMax; }),
        number(
            "writer.queue-bytes", "bytes",
            "Maximum text of waiting requests; further ones get `busy`.", 1 << 20, 64 * kGiB,
            [](S & s) -> auto& { return s.engine.queueBytesMax; }),
        number(
            "writer.conversations", "number", "Maximum conversation states in memory.", 16,
            10'000'000, [](S & s) -> auto& { return s.engine.conversationsLoadedMax; }),
        number(
            "readers.threads", "number", "Threads that read history.", 1, 64,
            [](S & s) -> auto& { return s.engine.readers; }),
        number(
            "readers.queue", "number",
            "Maximum reads waiting for a reader; further ones get `busy`.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.readsQueuedMax; }),
        number(
            "readers.waiting", "number",
            "Maximum reads waiting for their clients to take earlier replies; further ones get "
            "`busy`.",
            1, 100'000'000, [](S & s) -> auto& { return s.gateway.readsWaitingMax; }),
        number(
            "storage.warn-free", "bytes",
            "With less free space in the data folder, storage_low is logged; 0: never.", 0,
            1024 * kGiB, [](S & s) -> auto& { return s.engine.warnFreeBytes; }),
        duration(
            "readers.time-limit",
            "Time limit of a read; a longer one is aborted with `read_timeout`.", 10, kHour,
            [](S & s) -> auto& { return s.engine.readTimeLimit; }),
        duration(
            "backup.every", "Time from one scheduled backup to the next; 0: no scheduled backups.",
            0, kCentury, [](S & s) -> auto& { return s.engine.backup.every; }),
        number(
            "backup.keep", "number",
            "Number of newest scheduled backups to keep; older ones are removed.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.backup.keep; }),
        text(
            "backup.folder", "Folder of scheduled backups, relative to the data folder.",
            [](S & s) -> auto& { return s.engine.backup.folder; }),
        onOff(
            "audit.follow",
            "Keep audit.db, from which searches and audits are answered, up to date beside the "
            "log. Off on a device with little room: `parley audit` then builds it when it is "
            "asked.",
            [](S & s) -> auto& { return s.gateway.auditFollows; }),
        onOff(
            "audit.record",
            "Record questions about the past, and who asked them, in the log before they are "
            "answered.",
            [](S & s) -> auto& { return s.gateway.auditRecord; }),
        onOff(
            "console.enabled",
            "Serve the console, a web page for agents, supervisors and operators, at `/`.",
            [](S & s) -> auto& { return s.gateway.console.enabled; }),
        text(
            "console.name", "Name of this server on the console; empty: the host of its address.",
            [](S & s) -> auto& { return s.gateway.console.name; }),
        duration(
            "console.waiting-long",
            "Time after which the console marks a customer who waits for an answer.", 1000,
            kCentury, [](S & s) -> auto& { return s.gateway.console.waitingLong; }),
        duration(
            "console.waiting-too-long",
            "Time after which the console marks such a customer more strongly.", 1000, kCentury,
            [](S & s) -> auto& { return s.gateway.console.waitingTooLong; }),
        duration(
            "drain.notice",
            "On SIGTERM, the time that /readyz fails while clients are still served; at most half "
            "of "
            "drain.timeout.",
            0, kHour, [](S & s) -> auto& { return s.gateway.drainNotice; }),
        duration(
            "drain.timeout",
            "On SIGTERM, the time limit for finishing requests and closing connections.", 0, kHour,
            [](S & s) -> auto& { return s.drainTimeout; }),
    };
}

}  // namespace

const std::vector<SettingInfo>& settingTable() {
    static const std::vector<SettingInfo> table = [] {
        auto all = ownSettings();
        for (auto& one : clusterSettings()) all.push_back(std::move(one));
        return all;
    }();
    return table;
}

}  // namespace parley
