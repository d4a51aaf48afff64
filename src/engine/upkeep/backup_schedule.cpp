#include <parley/core/logging.h>
#include <parley/engine/backup_schedule.h>
#include <parley/log/data_folder.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <regex>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace parley {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{60'000};     // the wall clock may be corrected meanwhile
constexpr milliseconds kAfterFailure{60'000};  // or `every`, where that is shorter
constexpr int kLowestPriority = 19;

std::string nameOf(UnixMillis at, std::int64_t position) {
    std::string time = toIso8601(at);
    std::replace_if(
        time.begin(), time.end(), [](char c) { return c == ':' || c == '.'; }, '-');
    std::string digits = std::to_string(position);
    digits.insert(0, 12 - std::min<std::size_t>(digits.size(), 12), '0');
    return "parley-" + time + "-p" + digits + ".db";
}

// The time in a name, where it is one that nameOf gives.
std::optional<UnixMillis> timeOf(const std::string& name) {
    static const std::regex own(
        "parley-(\\d{4})-(\\d\\d)-(\\d\\d)T(\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d{3})Z-p\\d{12,}\\.db");
    std::smatch found;
    if (!std::regex_match(name, found, own)) return std::nullopt;
    const auto part = [&](std::size_t i) { return std::stoi(found[i]); };
    using namespace std::chrono;
    const year_month_day date{year{part(1)}, month{static_cast<unsigned>(part(2))},
                              day{static_cast<unsigned>(part(3))}};
    if (!date.ok()) return std::nullopt;
    const auto time = sys_days(date) + hours(part(4)) + minutes(part(5)) + seconds(part(6)) +
                      milliseconds(part(7));
    return UnixMillis{duration_cast<milliseconds>(time.time_since_epoch()).count()};
}

// Oldest first: the names sort as their times do. Those from the future were made by a clock that
// went wrong, before what is made now: they come before all others.
std::vector<std::string> ownNames(const fs::path& folder, UnixMillis now) {
    std::vector<std::string> names;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        auto name = entry.path().filename().string();
        if (timeOf(name)) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    const auto future = std::find_if(names.begin(), names.end(), [now](const std::string& name) {
        return timeOf(name).value_or(now) > now;
    });
    std::rotate(names.begin(), future, names.end());
    return names;
}

}  // namespace

BackupSchedule::BackupSchedule(BackupOptions options, fs::path database, const Clock& clock,
                               std::function<bool()> clockIsTrusted)
    : options_(std::move(options)),
      database_(std::move(database)),
      clock_(clock),
      clockIsTrusted_(std::move(clockIsTrusted)) {}

BackupSchedule::~BackupSchedule() {
    stop();
}

void BackupSchedule::start() {
    if (options_.every.count() > 0) thread_.start([this] { run(); });
}

void BackupSchedule::stop() {
    thread_.stop();
}

UnixMillis BackupSchedule::nextDue() const {
    const auto now = clock_.now();
    const auto names = ownNames(options_.folder, now);
    const auto newest = names.empty() ? std::nullopt : timeOf(names.back());
    if (!newest || *newest > now) return now;
    return {newest->value + options_.every.count()};
}

bool BackupSchedule::waitUntilDue(milliseconds atLeast) {
    auto pause = atLeast;
    for (;;) {
        if (!thread_.sleep(pause)) return false;
        const auto left = milliseconds(nextDue().value - clock_.now().value);
        if (left.count() <= 0) return true;
        pause = std::min(left, kLookAgain);
    }
}

void BackupSchedule::run() {
    // Linux gives each thread a priority of its own.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowestPriority);
    const auto afterFailure = std::min(options_.every, kAfterFailure);
    milliseconds pause{0};
    for (;;) {
        // A folder that fails while it is listed, no memory: a backup failed, the process goes on.
        try {
            if (!waitUntilDue(pause)) return;
            pause = backUpNow() ? milliseconds(0) : afterFailure;
        } catch (const std::exception& error) {
            noteFailure(error.what());
            pause = afterFailure;
        }
    }
}

void BackupSchedule::noteFailure(std::string_view why) {
    if (thread_.isStopping()) return;
    failed_.fetch_add(1);
    logger().error("backup_failed folder=\"{}\" error=\"{}\"", options_.folder.string(), why);
}

Result<CopyReport> BackupSchedule::backUpNow() {
    CopyOptions copy;
    copy.cancelled = [this] { return thread_.isStopping(); };
    const auto fail = [this](const Error& error) {
        noteFailure(error.message);
        return error;
    };
    if (auto created = createFolders(options_.folder); !created) return fail(created.error());
    const auto at = clock_.now();
    const auto began = clock_.monotonic();
    // The position is known once the snapshot is taken: the file gets its name from it.
    const auto name = [at](const CopyReport& report) { return nameOf(at, report.position.value); };
    auto report = backUpAs(database_, options_.folder, name, copy);
    if (!report) return fail(report.error());
    made_.fetch_add(1);
    position_.store(report->position.value);
    at_.store(at.value);
    logger().info("backup_made position={} bytes={} ms={}", report->position.value, report->bytes,
                  (clock_.monotonic() - began).count());
    prune();
    return report;
}

void BackupSchedule::prune() const {
    if (!clockIsTrusted_()) return;
    const auto names = ownNames(options_.folder, clock_.now());
    const auto keep = static_cast<std::size_t>(options_.keep);
    for (std::size_t i = 0; i + keep < names.size(); ++i) {
        std::error_code failed;
        fs::remove(options_.folder / names[i], failed);
        if (failed)
            logger().warn("backup_not_pruned name={} error=\"{}\"", names[i], failed.message());
    }
}

BackupCounters BackupSchedule::counters() const {
    return {made_.load(), failed_.load(), position_.load(), at_.load()};
}

}  // namespace parley
