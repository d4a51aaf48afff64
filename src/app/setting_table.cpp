#include <parley/app/settings.h>

#include <algorithm>
#include <array>

/// Every setting there is, each with its kind, its bounds and where it is kept.
namespace parley {
namespace {

Error wrong(const std::string& message) {
    return {ErrorCode::invalid_value, message};
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
            "Which clients are given cursors and get what they missed when they come back: asked "
            "(those that ask for it, or come with a pid), all (but those that decline) or none.",
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

// Kept for those who say it already. `true` was the default and meant nothing.
SettingInfo recoveryEnabled() {
    return {"recovery.enabled",
            "switch",
            "Superseded by recovery.for. false is read as recovery.for=none, with a warning; true "
            "says nothing.",
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
            "The data folder; made where there is none.",
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
            "host", "Address to listen on; localhost is both 127.0.0.1 and ::1.",
            [](S & s) -> auto& { return s.net.host; }),
        number(
            "port", "number", "TCP port; 0 takes any free one.", 0, 65535,
            [](S & s) -> auto& { return s.net.port; }),
        dataFolder(),
        onOff(
            "insecure-open",
            "Allow an address that is not loopback, although there is no authentication.",
            [](S & s) -> auto& { return s.insecureOpen; }),
        onOff(
            "accept-clock",
            "Start although the clock is more than an hour behind the log's last event: new events "
            "get that event's time until the clock has passed it.",
            [](S & s) -> auto& { return s.engine.acceptClock; }),
        logLevel(),
        list(
            "cors.origins",
            "Web pages that may connect, as a list separated by commas: origins, null, local (http "
            "and https on localhost, *.localhost, 127.0.0.0/8 and [::1], any port) or * (any). The "
            "server's own origin always may. All others get 403 `origin_refused`.",
            net::checkOrigin, [](S & s) -> auto& { return s.net.corsOrigins; }),
        list(
            "http.hosts",
            "Names under which clients reach the server, as a list separated by commas; addresses, "
            "localhost, *.localhost and the name that `host` gives are known. All others get 421 "
            "`misdirected`.",
            net::checkHost, [](S & s) -> auto& { return s.net.hosts; }),
        number(
            "io.threads", "number", "I/O loops.", 1, 64,
            [](S & s) -> auto& { return s.net.threads; }),
        number(
            "io.connections", "number", "TCP connections; beyond it accepting pauses.", 1,
            10'000'000, [](S & s) -> auto& { return s.net.connectionsMax; }),
        number(
            "io.connections-per-address", "number",
            "TCP connections of one IPv4 address or IPv6 /64; beyond it they are closed with 429. "
            "0: no limit, for a proxy in front.",
            0, 10'000'000, [](S & s) -> auto& { return s.net.connectionsPerAddressMax; }),
        number(
            "io.sessions", "number", "Engine.IO sessions of one I/O loop; beyond it 503.", 1,
            16'000'000, [](S & s) -> auto& { return s.net.engineio.sessionsMax; }),
        number(
            "io.outbox", "bytes",
            "Unsent bytes of one WebSocket; beyond it, until half is left, it is not read.", 65'536,
            kGiB, [](S & s) -> auto& { return s.net.outboxBytesMax; }),
        number(
            "io.outbox-total", "bytes",
            "Unsent bytes of all connections together; beyond it those are closed that took "
            "nothing "
            "for longest, and reads get `busy`.",
            65'536, 1024 * kGiB, [](S & s) -> auto& { return s.net.outputBytesMax; }),
        duration(
            "io.stalled",
            "A client that takes nothing of what it is sent for so long is closed as slow; "
            "likewise "
            "one beyond io.outbox that takes less than 16 kB/s over that time.",
            100, kHour, [](S & s) -> auto& { return s.net.engineio.stalled; }),
        number(
            "io.send-buffer", "bytes",
            "What the kernel may hold for one connection, about; 0: the kernel decides, up to "
            "4 MB.",
            0, 1 << 30, [](S & s) -> auto& { return s.net.sendBufferBytes; }),
        number(
            "http.header", "bytes", "Largest HTTP header.", 1024, 1 << 20,
            [](S & s) -> auto& { return s.net.httpHeaderBytesMax; }),
        number(
            "http.uri", "bytes", "Longest URL of a request; beyond it 414.", 256, 1 << 20,
            [](S & s) -> auto& { return s.net.httpUriBytesMax; }),
        number(
            "http.body", "bytes",
            "Largest body of a REST request; any message within its limits fits.", kRequest, kGiB,
            [](S & s) -> auto& { return s.net.httpBodyBytesMax; }),
        duration(
            "http.header-timeout", "From a header's first byte to its end.", 100, kHour,
            [](S & s) -> auto& { return s.net.headerTimeout; }),
        duration(
            "http.body-timeout", "From a header's end to the body's.", 100, kHour,
            [](S & s) -> auto& { return s.net.bodyTimeout; }),
        duration(
            "http.idle-timeout", "A kept-alive connection without a request.", 100, kHour,
            [](S & s) -> auto& { return s.net.idleTimeout; }),
        duration(
            "ping.interval", "Between a pong and the next ping.", 100, kHour,
            [](S & s) -> auto& { return s.net.engineio.pingInterval; }),
        duration(
            "ping.timeout", "A ping unanswered so long ends the session.", 100, kHour,
            [](S & s) -> auto& { return s.net.engineio.pingTimeout; }),
        duration(
            "upgrade.timeout", "For a client to complete its upgrade.", 100, kHour,
            [](S & s) -> auto& { return s.net.engineio.upgradeTimeout; }),
        duration(
            "connect.timeout", "For a client to enter the default namespace.", 100, kHour,
            [](S & s) -> auto& { return s.gateway.connectTimeout; }),
        number(
            "payload.max", "bytes",
            "Largest packet of a client; any message within its limits fits.", kRequest, kGiB,
            [](S & s) -> auto& { return s.net.engineio.maxPayloadBytes; }),
        number(
            "polling.queue", "bytes",
            "Unsent bytes of one polling client; beyond it, until half is left, its POSTs are not "
            "answered.",
            65'536, kGiB, [](S & s) -> auto& { return s.net.engineio.queueBytesMax; }),
        number(
            "rooms.per-connection", "number", "Rooms one connection may join.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.roomsPerConnectionMax; }),
        number(
            "participants.max", "number",
            "Participants of one conversation; beyond it nobody joins.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.participantsMax; }),
        number(
            "typing.users", "number", "Users that may be typing at once.", 1, 10'000'000,
            [](S & s) -> auto& { return s.engine.typingMax; }),
        duration(
            "typing.timeout", "Typing without news stops by itself.", 100, kHour,
            [](S & s) -> auto& { return s.engine.typingTimeout; }),
        duration(
            "retention.typing", "Older typing events lose their data, not their rows; 0: never.", 0,
            kCentury, [](S & s) -> auto& { return s.engine.typingRetention; }),
        recoveryFor(),
        recoveryEnabled(),
        duration(
            "recovery.retention", "A client that was away for longer starts anew.", 1000,
            3650 * 24 * kHour, [](S & s) -> auto& { return s.engine.sessionRetention; }),
        number(
            "sessions.max", "number",
            "Sessions that clients can come back to; beyond it the one that dropped first goes.", 1,
            100'000'000, [](S & s) -> auto& { return s.engine.sessionsMax; }),
        number(
            "writer.queue", "number", "Requests that may wait; beyond it `busy`.", 1, 10'000'000,
            [](S & s) -> auto& { return s.engine.queueRequestsMax; }),
        number(
            "writer.queue-bytes", "bytes", "Text of requests that may wait; beyond it `busy`.",
            1 << 20, 64 * kGiB, [](S & s) -> auto& { return s.engine.queueBytesMax; }),
        number(
            "writer.conversations", "number", "Conversation states kept in memory.", 16, 10'000'000,
            [](S & s) -> auto& { return s.engine.conversationsLoadedMax; }),
        number(
            "readers.threads", "number", "Threads that read history.", 1, 64,
            [](S & s) -> auto& { return s.engine.readers; }),
        number(
            "readers.queue", "number", "Reads that may wait for a reader; beyond it `busy`.", 1,
            1'000'000, [](S & s) -> auto& { return s.engine.readsQueuedMax; }),
        number(
            "readers.waiting", "number",
            "Reads that may wait for their clients to take earlier answers; beyond it `busy`.", 1,
            100'000'000, [](S & s) -> auto& { return s.gateway.readsWaitingMax; }),
        number(
            "storage.warn-free", "bytes",
            "Less free space in the data folder is logged as storage_low; 0: never.", 0,
            1024 * kGiB, [](S & s) -> auto& { return s.engine.warnFreeBytes; }),
        duration(
            "readers.time-limit", "A read that takes longer is cut off with `read_timeout`.", 10,
            kHour, [](S & s) -> auto& { return s.engine.readTimeLimit; }),
        duration(
            "backup.every", "From one backup to the next; 0: none are made.", 0, kCentury,
            [](S & s) -> auto& { return s.engine.backup.every; }),
        number(
            "backup.keep", "number", "Newest backups kept; older ones of its own are removed.", 1,
            1'000'000, [](S & s) -> auto& { return s.engine.backup.keep; }),
        text(
            "backup.folder", "Where backups go; relative to the data folder.",
            [](S & s) -> auto& { return s.engine.backup.folder; }),
        duration(
            "drain.notice",
            "On SIGTERM, how long /readyz fails while clients are still served; at most half of "
            "drain.timeout.",
            0, kHour, [](S & s) -> auto& { return s.gateway.drainNotice; }),
        duration(
            "drain.timeout", "For finishing and saying goodbye on SIGTERM.", 0, kHour,
            [](S & s) -> auto& { return s.drainTimeout; }),
    };
    return table;
}

}  // namespace parley
