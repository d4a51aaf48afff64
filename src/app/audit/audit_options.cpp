#include "app/audit/audit_options.h"

#include "app/setting_sources.h"

#include <parley/app/settings.h>
#include <parley/core/numbers.h>
#include <parley/core/time_text.h>
#include <parley/core/try.h>

#include <cstdlib>

namespace parley::app::audit {
namespace {

using std::chrono::milliseconds;

Error wrong(const std::string& said) {
    return {ErrorCode::invalid_value, said};
}

// "500ms", "2s", "5m".
Result<milliseconds> spanOf(const Given& given, const std::string& name, milliseconds otherwise) {
    const auto said = given.find(name);
    if (said == given.end()) return otherwise;
    const std::string& text = said->second;
    const auto unitAt = text.find_first_not_of("0123456789");
    const auto number = text.substr(0, unitAt);
    const auto unit = unitAt == text.npos ? "" : text.substr(unitAt);
    const std::int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "m" ? 60'000 : 0;
    if (number.empty() || number.size() > 9 || factor == 0) {
        return wrong("--" + name + " is a time such as 500ms, 30s or 5m, not \"" + text + "\"");
    }
    return milliseconds(std::stoll(number) * factor);
}

Result<std::optional<UnixMillis>> timeOf(const Given& given, const std::string& name,
                                         const TimeZone& zone, UnixMillis now) {
    const auto said = given.find(name);
    if (said == given.end()) return std::optional<UnixMillis>();
    auto time = parseTime(said->second, zone, now);
    if (!time) return wrong("--" + name + ": " + time.error().message);
    return std::optional(*time);
}

bool isNumber(const std::string& text) {
    return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == text.npos;
}

Result<std::optional<TimeOrPosition>> atOf(const Given& given, const TimeZone& zone,
                                           UnixMillis now) {
    const auto said = textOf(given, "at");
    if (isNumber(said)) {
        return std::optional<TimeOrPosition>(Position{std::stoll(said)});
    }
    PARLEY_TRY_ASSIGN(const auto time, timeOf(given, "at", zone, now));
    return time ? std::optional<TimeOrPosition>(*time) : std::nullopt;
}

Result<std::optional<std::int64_t>> limitOf(const Given& given) {
    const auto said = given.find("limit");
    if (said == given.end()) return std::optional<std::int64_t>();
    if (!isNumber(said->second) || said->second == "0") {
        return wrong("--limit is a number of rows from 1, not \"" + said->second + "\"");
    }
    return std::optional<std::int64_t>(std::stoll(said->second));
}

std::string temporaryFolder() {
    // The command has no settings: this is where every program may put what it removes again.
    const char* const named = std::getenv("TMPDIR");
    return named && *named ? named : "/tmp";
}

}  // namespace

Result<AuditOptions> auditOptions(const Given& given, UnixMillis now) {
    AuditOptions options;
    options.given = given;
    options.data = textOf(given, "data", kDataFolderDefault);
    if (const auto file = given.find("file"); file != given.end()) options.file = file->second;
    options.scratch = textOf(given, "scratch", temporaryFolder());
    PARLEY_TRY_ASSIGN(options.zone, TimeZone::of(textOf(given, "tz", "UTC")));
    PARLEY_TRY_ASSIGN(options.from, timeOf(given, "from", options.zone, now));
    PARLEY_TRY_ASSIGN(options.to, timeOf(given, "to", options.zone, now));
    if (options.from && options.to && *options.to <= *options.from) {
        return wrong("--to must be later than --from");
    }
    PARLEY_TRY_ASSIGN(options.at, atOf(given, options.zone, now));
    const auto format = textOf(given, "format", "table");
    const auto known = formatOf(format);
    if (!known) return wrong("--format is table, csv, json or jsonl, not \"" + format + "\"");
    options.format = *known;
    options.raw = isOn(given, "raw");
    PARLEY_TRY_ASSIGN(options.wait, spanOf(given, "wait", options.wait));
    PARLEY_TRY_ASSIGN(options.timeLimit, spanOf(given, "time-limit", options.timeLimit));
    PARLEY_TRY_ASSIGN(options.limit, limitOf(given));
    options.explain = isOn(given, "explain");
    options.showSql = isOn(given, "show-sql");
    return options;
}

std::vector<OptionInfo> sourceOptions() {
    return {{"data", "DIR", std::string("The server's data folder. [") + kDataFolderDefault + "]"},
            {"file", "FILE", "A backup to ask instead."},
            {"tz", "NAME", "The zone of days, hours and printed times: Europe/Berlin. [UTC]"},
            {.name = "format",
             .value = "FORMAT",
             .doc = "table, csv, json or jsonl. [table]",
             .words = {"table", "csv", "json", "jsonl"}},
            {"raw", "", "CSV: leave cells as they are that a spreadsheet would run."},
            {"wait", "TIME", "How long to wait for audit.db beside a server. [2s]"},
            {"scratch", "DIR",
             "Where to build audit.db for this question alone, where the data "
             "folder has none that can be used. [$TMPDIR]"},
            {"time-limit", "TIME", "How long a statement may take. [30s]"}};
}

std::vector<OptionInfo> questionOptions() {
    auto options = sourceOptions();
    const std::string group = "What to ask";
    for (OptionInfo one :
         {OptionInfo{"conversation", "ID", "Only this conversation."},
          OptionInfo{"user", "ID", "Only this user."},
          OptionInfo{"role", "ROLE", "cx-customer, cx-agent, cx-supervisor or robot."},
          OptionInfo{"from", "TIME", "From then on: 2026-11-10T14:03Z, 2026-11-10 or -7d."},
          OptionInfo{"to", "TIME", "Up to then, and not then itself."},
          OptionInfo{.name = "at",
          .value = "TIME",
          .doc = "That moment: a time, or a position of the log.",
          .also = "as-of"},
          OptionInfo{"limit", "N", "At most so many rows."},
          OptionInfo{
              "words", "TEXT",
              "Of search: words, \"phrases\", beginnings* and -words that must not be there."},
          OptionInfo{"sql", "TEXT", "Ask this SELECT instead; -: read it from standard input."},
          OptionInfo{"show-sql", "", "Print the SQL of the question, and do not run it."},
          OptionInfo{"explain", "", "Print SQLite's plan, and do not run it."}}) {
        one.group = group;
        options.push_back(one);
    }
    return options;
}

}  // namespace parley::app::audit
