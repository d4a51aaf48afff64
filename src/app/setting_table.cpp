#include <parley/app/settings.h>

#include <algorithm>
#include <array>

/// All settings, each with its kind, its range and the field that holds it.
namespace parley {
namespace {

Error wrong(const std::string& message) {
    return {ErrorCode::invalid_setting, message};
}

template <typename Access>
SettingInfo text(std::string_view name, std::string_view doc, Access access) {
    return {name,
            "text",
            doc,
            0,
            0,
            [access](const Settings& s) { return std::string(access(const_cast<Settings&>(s))); },
            [access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                access(s) = value;
                return {};
            }};
}

template <typename Access>
SettingInfo number(std::string_view name, std::string_view unit, std::string_view doc,
                   std::int64_t min, std::int64_t max, Access access) {
    using Value = std::remove_reference_t<decltype(access(std::declval<Settings&>()))>;
    return {
        name,
        unit,
        doc,
        min,
        max,
        [access](const Settings& s) { return std::to_string(access(const_cast<Settings&>(s))); },
        [access](Settings& s, const std::string&, std::int64_t value) -> Result<void> {
            access(s) = static_cast<Value>(value);
            return {};
        }};
}

template <typename Access>
SettingInfo duration(std::string_view name, std::string_view doc, std::int64_t min,
                     std::int64_t max, Access access) {
    return {name,
            "ms",
            doc,
            min,
            max,
            [access](const Settings& s) {
                return std::to_string(access(const_cast<Settings&>(s)).count());
            },
            [access](Settings& s, const std::string&, std::int64_t value) -> Result<void> {
                access(s) = std::chrono::milliseconds(value);
                return {};
            }};
}

std::vector<std::string> splitList(const std::string& value) {
    constexpr const char* kBlank = " \t";
    std::vector<std::string> items;
    for (std::size_t from = 0; from < value.size();) {
        const auto end = std::min(value.find(',', from), value.size());
        const auto first = value.find_first_not_of(kBlank, from);
        if (first < end) {
            items.push_back(
                value.substr(first, value.find_last_not_of(kBlank, end - 1) + 1 - first));
        }
        from = end + 1;
    }
    return items;
}

/// A list separated by commas, of which `check` takes each item.
template <typename Access>
SettingInfo list(std::string_view name, std::string_view doc,
                 Result<void> (*check)(std::string_view), Access access) {
    return {
        name,
        "text",
        doc,
        0,
        0,
        [access](const Settings& s) {
            std::string joined;
            for (const auto& one : access(const_cast<Settings&>(s))) {
                joined += (joined.empty() ? "" : ",") + one;
            }
            return joined;
        },
        [name, check, access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
            auto items = splitList(value);
            for (const auto& item : items) {
                if (const auto taken = check(item); !taken) {
                    return wrong(std::string(name) + ": " + taken.error().message);
                }
            }
            access(s) = std::move(items);
            return {};
        }};
}

SettingInfo logLevel() {
    return {"log.level",
            "text",
            "trace, debug, info, warn, error or off.",
            0,
            0,
            [](const Settings& s) { return s.logLevel; },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                static const std::vector<std::string> levels{"trace", "debug", "info",
                                                             "warn",  "error", "off"};
                if (std::find(levels.begin(), levels.end(), value) == levels.end()) {
                    return wrong("log.level must be trace, debug, info, warn, error or off");
                }
                s.logLevel = value;
                return {};
            }};
}

constexpr std::array<std::string_view, 3> kRecoveryFor{"asked", "all", "none"};  // as the enum

SettingInfo recoveryFor() {
    return {"recovery.for",
            "text",
            "Clients that get cursors and can recover what they missed: asked (clients that "
            "ask for it or send a pid), all (except clients that decline) or none.",
            0,
            0,
            [](const Settings& s) {
                return std::string(kRecoveryFor[static_cast<std::size_t>(s.gateway.recoveryFor)]);
            },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                const auto known = std::find(kRecoveryFor.begin(), kRecoveryFor.end(), value);
                if (known == kRecoveryFor.end()) {
                    return wrong("recovery.for must be asked, all or none");
                }
                s.gateway.recoveryFor = static_cast<RecoveryFor>(known - kRecoveryFor.begin());
                return {};
            }};
}

// Kept for configurations that still have it. `true` was the default and has no effect.
SettingInfo recoveryEnabled() {
    return {
        "recovery.enabled",
        "switch",
        "Superseded by recovery.for. false means recovery.for=none, with a warning; true has no "
        "effect.",
        0,
        0,
        [](const Settings& s) { return s.recoverySwitchedOff ? "false" : "true"; },
        [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
            if (value != "true" && value != "false") {
                return wrong("recovery.enabled must be true or false");
            }
            s.recoverySwitchedOff = value == "false";
            return {};
        }};
}

template <typename Access>
SettingInfo onOff(std::string_view name, std::string_view doc, Access access) {
    return {
        name,
        "switch",
        doc,
        0,
        0,
        [access](const Settings& s) { return access(const_cast<Settings&>(s)) ? "true" : "false"; },
        [name, access](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
            if (value != "true" && value != "false") {
                return wrong(std::string(name) + " must be true or false");
            }
            access(s) = value == "true";
            return {};
        }};
}

SettingInfo dataFolder() {
    return {"data",
            "text",
            "The data folder; created if it does not exist.",
            0,
            0,
            [](const Settings& s) { return s.engine.dataFolder.string(); },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                if (value.empty()) return wrong("data must name a folder");
                s.engine.dataFolder = value;
                return {};
            }};
}

}  // namespace

const std::vector<SettingInfo>& settingTable() {
    using S = Settings;
    constexpr std::int64_t kHour = 3'600'000;
    constexpr std::int64_t kCentury = 100 * 365 * 24 * kHour;
    constexpr std::int64_t kGiB = 1LL << 30;
    constexpr std::int64_t kRequest = kRequestBytesMax;
    static const std::vector<SettingInfo> table{
        text(
            "host", "Address to listen on; localhost means both 127.0.0.1 and ::1.",
            [](S & s) -> auto& { return s.net.host; }),
        number(
            "port", "number", "TCP port; 0 picks a free one.", 0, 65535,
            [](S & s) -> auto& { return s.net.port; }),
        dataFolder(),
        onOff(
            "insecure-open",
            "Allow an address that is not loopback, although there is no authentication.",
            [](S & s) -> auto& { return s.insecureOpen; }),
        onOff(
            "accept-clock",
            "Start even if the clock is more than an hour behind the log's last event; new events "
            "get that event's time until the clock has passed it.",
            [](S & s) -> auto& { return s.engine.acceptClock; }),
        logLevel(),
        list(
            "cors.origins",
            "Web pages that may connect, as a comma-separated list: origins, null, local (http and "
            "https on localhost, *.localhost, 127.0.0.0/8 and [::1], any port) or * (any). The "
            "server's own origin is always allowed. All others get 403 `origin_refused`.",
            net::checkOrigin, [](S & s) -> auto& { return s.net.corsOrigins; }),
        list(
            "http.hosts",
            "Host names by which clients reach the server, as a comma-separated list. IP "
            "addresses, "
            "localhost, *.localhost and the name in `host` are always allowed. All others get 421 "
            "`misdirected`.",
            net::checkHost, [](S & s) -> auto& { return s.net.hosts; }),
        number(
            "io.threads", "number", "I/O loops.", 1, 64,
            [](S & s) -> auto& { return s.net.threads; }),
        number(
            "io.connections", "number", "Maximum TCP connections; at the limit accepting pauses.",
            1, 10'000'000, [](S & s) -> auto& { return s.net.connectionsMax; }),
        number(
            "io.connections-per-address", "number",
            "Maximum TCP connections per IPv4 address or IPv6 /64; further ones get 429. 0: no "
            "limit, "
            "for use behind a proxy.",
            0, 10'000'000, [](S & s) -> auto& { return s.net.connectionsPerAddressMax; }),
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
        recoveryFor(),
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
    return table;
}

}  // namespace parley
