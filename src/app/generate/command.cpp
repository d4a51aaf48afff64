#include "app/commands.h"
#include "app/folder_options.h"
#include "app/generate/generate.h"
#include "app/progress.h"

#include <parley/core/hex.h>
#include <parley/core/logging.h>
#include <parley/core/time_text.h>
#include <parley/core/try.h>

#include <charconv>
#include <iostream>
#include <string>

/// The subcommand that makes a log without clients.
namespace parley::app {
namespace {

using generate::Wanted;

constexpr std::int64_t kEventsMax = 1'000'000'000;
constexpr std::int64_t kDaysMax = 3'660;

Result<std::int64_t> numberOf(const Given& given, const std::string& name,
                              const std::string& otherwise, std::int64_t least, std::int64_t most) {
    const std::string text = textOf(given, name, otherwise);
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, failed] = std::from_chars(text.data(), end, value);
    if (failed == std::errc{} && rest == end && value >= least && value <= most) return value;
    return Error{ErrorCode::invalid_setting, "--" + name + " is a number from " +
                                                 std::to_string(least) + " to " +
                                                 std::to_string(most) + ", not \"" + text + "\""};
}

Result<Wanted> wantedOf(const Given& given) {
    Wanted wanted;
    PARLEY_TRY_ASSIGN(wanted.events,
                      numberOf(given, "events", "100000", generate::kEventsMin, kEventsMax));
    PARLEY_TRY_ASSIGN(const auto seed, numberOf(given, "seed", "1", 0, INT64_MAX));
    wanted.seed = static_cast<std::uint64_t>(seed);
    PARLEY_TRY_ASSIGN(const auto days, numberOf(given, "days", "180", 1, kDaysMax));
    wanted.days = static_cast<int>(days);
    PARLEY_TRY_ASSIGN(wanted.end, parseTime(textOf(given, "end", "2026-01-01"), TimeZone::utc(),
                                            SystemClock().now()));
    if (wanted.end.value < days * 86'400'000) {
        return Error{ErrorCode::invalid_setting, "--end is too early for so many days"};
    }
    return wanted;
}

auto progressOf(std::int64_t events) {
    return [tenths = Tenths(), events](const LogHead& head) mutable {
        tenths.tell(head.position.value, events, [&](std::int64_t) {
            return "generated " + std::to_string(head.position.value) + " of " +
                   std::to_string(events) + " events, up to " + toIso8601(head.at);
        });
    };
}

}  // namespace

int generateLog(const Given& given) {
    setUpLogging("warn");
    const auto wanted = wantedOf(given);
    if (!wanted) return fail(wanted.error(), kExitUsage);
    const FolderOptions options = folderOptions(given);
    auto folder = DataFolder::own(options.data);
    if (!folder) return fail(folder.error());
    auto report = generate::generate(**folder, *wanted, progressOf(wanted->events));
    if (!report) {
        (*folder)->takeBack();
        return fail(report.error());
    }
    std::cout << "generated into " << options.data.string() << ": " << report->head.position.value
              << " events, " << report->conversations << " conversations, " << report->users
              << " users, hash " << toHex(report->head.hash) << '\n';
    return 0;
}

}  // namespace parley::app
