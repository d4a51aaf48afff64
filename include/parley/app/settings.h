#pragma once

#include <parley/auth/options.h>
#include <parley/cluster/options.h>
#include <parley/core/result.h>
#include <parley/engine/options.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/gateway/gateway.h>
#include <parley/net/server.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// Where the data is kept unless the setting `data` says something else. Relative to where the
/// program was started.
inline constexpr const char* kDataFolderDefault = "data/run";

/// A PARLEY_* variable that was not taken for a setting; `serve` logs it.
struct IgnoredVariable {
    std::string name;
    /// Static. "no_setting": it resembles none; "kubernetes_service": it tells the address of a
    /// service.
    std::string_view why;
};

/// Everything `parley serve` can be told. A value. Fresh, it has the reference's defaults, but no
/// data folder.
struct Settings {
    /// The two bounds of a request's bytes are raised to what every request fits into.
    Settings() { net.engineio.maxPayloadBytes = net.httpBodyBytesMax = kRequestBytesMax; }

    net::Options net;
    EngineOptions engine;
    GatewayOptions gateway;
    auth::Options auth;
    ClusterOptions cluster;
    std::string logLevel = "info";   ///< "trace", "debug", "info", "warn", "error", "off"
    std::string logFormat = "text";  ///< "text", "json"
    std::chrono::milliseconds drainTimeout{10'000};  ///< the deadline of Gateway::stop
    bool insecureOpen = false;  ///< a host that is not loopback is meant, see isLoopback
    std::vector<IgnoredVariable> ignoredVariables;
    bool recoverySwitchedOff = false;   ///< by recovery.enabled, which recovery.for replaced
    std::vector<std::string> warnings;  ///< of settings in an outdated form, for the log
};

/// One setting: declared once, read from a flag (--typing.timeout 6000), a variable
/// (PARLEY_TYPING_TIMEOUT) or a file's line (typing.timeout = 6000), in this order of precedence.
struct SettingInfo {
    std::string_view name;
    std::string_view
        unit;  ///< "ms", "bytes", or what the value is: "text", "number", "switch", "rate"
    std::string_view doc;  ///< for --help and the reference: a sentence or more
    std::int64_t min = 0;  ///< of numbers; included
    std::int64_t max = 0;  ///< likewise
    /// The value as text, in the form that `set` takes.
    std::function<std::string(const Settings&)> get;
    /// Stores a value. Refuses a text that is none with `invalid_setting`. `number` is the value of
    /// numbers, times and sizes, and has passed the range check; 0 for others.
    std::function<Result<void>(Settings&, const std::string& text, std::int64_t number)> set;
    std::vector<std::string_view> words = {};  ///< all values there are; empty: too many to list
};

/// The whole table, in the order of the reference (docs/configuration.md is generated from it).
/// Made at the first call; lives to the end. Any thread.
const std::vector<SettingInfo>& settingTable();

/// Reads `arguments` (without the program and its subcommand), then `variables` (NAME=value, only
/// PARLEY_* are looked at), then the file that --config or PARLEY_CONFIG names. Refuses unknown
/// flags and lines, naming the nearest setting, and values out of range. The environment is
/// shared: an unknown variable is refused only where it looks like a setting mistyped, and noted
/// in `ignoredVariables` otherwise. So is what Kubernetes sets for a service named "parley", even
/// where a setting has that name (PARLEY_PORT=tcp://10.0.0.7:3500). Settings of
/// earlier versions are read as what replaced them, and noted in `warnings`; where both are said
/// and differ they are refused. Reads that file, and nothing else of the machine.
Result<Settings> readSettings(const std::vector<std::string>& arguments,
                              const std::vector<std::string>& variables);

/// Whether `host` is reachable from this machine alone: "localhost" or a loopback's address. No
/// other name is, whatever it resolves to today. Any thread.
bool isLoopback(std::string_view host);

/// The table as Markdown: the text of docs/configuration.md. Any thread.
std::string settingsReference();

}  // namespace parley
