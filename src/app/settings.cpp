#include <parley/app/settings.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <numeric>
#include <optional>

namespace parley {
namespace {

using Set = std::function<Result<void>(Settings&, const std::string&, std::int64_t)>;
using Get = std::function<std::string(const Settings&)>;

Error invalid(const std::string& message) {
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
    std::vector<std::string> items;
    for (std::size_t from = 0; from < value.size();) {
        const auto end = std::min(value.find(',', from), value.size());
        if (end > from) items.push_back(value.substr(from, end - from));
        from = end + 1;
    }
    return items;
}

SettingInfo corsOrigins() {
    return {"cors.origins",
            "text",
            "Origins of web pages that may connect: *, or a list separated by commas; empty: none.",
            0,
            0,
            [](const Settings& s) {
                std::string joined;
                for (const auto& one : s.net.corsOrigins) {
                    joined += (joined.empty() ? "" : ",") + one;
                }
                return joined;
            },
            [](Settings& s, const std::string& value, std::int64_t) -> Result<void> {
                s.net.corsOrigins = splitList(value);
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
                    return invalid("log.level must be trace, debug, info, warn, error or off");
                }
                s.logLevel = value;
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
                return invalid(std::string(name) + " must be true or false");
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
                if (value.empty()) return invalid("data must name a folder");
                s.engine.dataFolder = value;
                return {};
            }};
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

const std::vector<SettingInfo>& settingTable() {
    using S = Settings;
    constexpr std::int64_t kHour = 3'600'000;
    constexpr std::int64_t kCentury = 100 * 365 * 24 * kHour;
    constexpr std::int64_t kGiB = 1LL << 30;
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
            "Allow an address that others can reach although nobody has to say who they are.",
            [](S & s) -> auto& { return s.insecureOpen; }),
        logLevel(),
        corsOrigins(),
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
            "io.outbox", "bytes", "Unsent bytes of one WebSocket before it counts as slow.", 65'536,
            kGiB, [](S & s) -> auto& { return s.net.outboxBytesMax; }),
        number(
            "io.outbox-total", "bytes",
            "Unsent bytes of all connections together; beyond it reads get `busy`.", 65'536,
            1024 * kGiB, [](S & s) -> auto& { return s.gateway.outputBytesMax; }),
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
            "http.body", "bytes", "Largest body of a REST request.", 1024, kGiB,
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
            "payload.max", "bytes", "Largest message of a client.", 1024, kGiB,
            [](S & s) -> auto& { return s.net.engineio.maxPayloadBytes; }),
        number(
            "polling.queue", "bytes",
            "Unsent bytes of one polling client before it counts as slow.", 65'536, kGiB,
            [](S & s) -> auto& { return s.net.engineio.queueBytesMax; }),
        number(
            "rooms.per-connection", "number", "Rooms one connection may join.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.roomsPerConnectionMax; }),
        number(
            "typing.users", "number", "Users that may be typing at once.", 1, 10'000'000,
            [](S & s) -> auto& { return s.engine.typingMax; }),
        duration(
            "typing.timeout", "Typing without news stops by itself.", 100, kHour,
            [](S & s) -> auto& { return s.engine.typingTimeout; }),
        duration(
            "retention.typing", "Older typing events lose their data, not their rows; 0: never.", 0,
            kCentury, [](S & s) -> auto& { return s.engine.typingRetention; }),
        onOff(
            "recovery.enabled", "Clients get what they missed when they come back.",
            [](S & s) -> auto& { return s.gateway.recovery; }),
        duration(
            "recovery.retention", "A client that was away for longer starts anew.", 1000,
            3650 * 24 * kHour, [](S & s) -> auto& { return s.engine.sessionRetention; }),
        number(
            "writer.queue", "number", "Requests that may wait; beyond it `busy`.", 1, 10'000'000,
            [](S & s) -> auto& { return s.engine.queueRequestsMax; }),
        number(
            "writer.queue-bytes", "bytes", "Content that may wait; beyond it `busy`.", 1 << 20,
            64 * kGiB, [](S & s) -> auto& { return s.engine.queueBytesMax; }),
        number(
            "writer.conversations", "number", "Conversation states kept in memory.", 16, 10'000'000,
            [](S & s) -> auto& { return s.engine.conversationsLoadedMax; }),
        number(
            "readers.threads", "number", "Threads that read history.", 1, 64,
            [](S & s) -> auto& { return s.engine.readers; }),
        number(
            "readers.queue", "number", "Reads that may wait; beyond it `busy`.", 1, 1'000'000,
            [](S & s) -> auto& { return s.engine.readsQueuedMax; }),
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

bool isLoopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
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
    settings.engine.dataFolder = "data/run";
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
        s.engine.dataFolder = "data/run";
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
