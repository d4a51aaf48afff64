// Runs the engine on a failing disk, again and again, and checks what survives.
//
//   power_loss --runs 60 [--first-seed 1]    many seeds; the last line is "N passed, N failed"
//   power_loss --seed 17                     repeats one seed; not byte for byte if an outside
//                                            snapshot is held: a background thread copies too
//   power_loss ... --synchronous normal      the same without full syncs, to prove the test: it
//                                            passes if events are lost
#include "faults/crash_check.h"
#include "faults/crash_load.h"
#include "faults/fault_disk.h"

#include <parley/core/logging.h>

#include <sqlite3.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace parley::faults {
namespace {

constexpr int kExitPowerOff = 10;
constexpr int kExitStopped = 74;     // the engine ended the process
constexpr int kExitNotStarted = 75;  // the engine refused to open

struct Options {
    std::uint64_t firstSeed = 1;
    std::uint64_t runs = 60;
    Synchronous synchronous = Synchronous::full;
};

struct Totals {
    std::uint64_t runs = 0, failed = 0, powerLosses = 0, stopped = 0, notStarted = 0;
    std::uint64_t secondLives = 0;
    std::uint64_t injected = 0, batches = 0, told = 0, refusedFull = 0;
    std::uint64_t lost = 0, runsWithLosses = 0, corrupt = 0;
    std::uint64_t snapshots = 0, copiedInBackground = 0;
};

/// One run's plan, entirely from the seed.
struct RunPlan {
    LoadPlan load;
    FaultPlan faults;
    Survivors survivorsOfStop = Survivors::everything;
    bool fillsDisk = false;
    /// A sync fails, the process stops and starts again on what reads still show. Then the power
    /// fails, and the disk has only what it really stored.
    bool secondLife = false;
};

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed * 1'000'003) {}
    std::uint64_t operator()(std::uint64_t below) {
        std::uint8_t bytes[8];
        random_.fill(bytes);
        std::uint64_t n = 0;
        std::memcpy(&n, bytes, sizeof n);
        return n % below;
    }

private:
    SeededRandom random_;
};

Failure someFailure(Dice& dice) {
    switch (dice(5)) {
        case 0: return {Op::sync, 1 + dice(40), 1, SQLITE_IOERR_FSYNC, false};
        case 1: return {Op::read, 1 + dice(60), 1, SQLITE_IOERR_READ, false};
        case 2: return {Op::truncate, 1 + dice(3), 1, SQLITE_IOERR_TRUNCATE, false};
        default: return {Op::write, 1 + dice(1500), 1, SQLITE_IOERR_WRITE, dice(2) == 0};
    }
}

RunPlan faultsOf(std::uint64_t seed, Synchronous synchronous) {
    Dice dice(seed);
    RunPlan plan;
    plan.load.seed = seed;
    plan.load.synchronous = synchronous;
    plan.load.rounds = 5 + static_cast<int>(dice(30));
    plan.load.contentBytesMax = dice(2) == 0 ? 200 : 30'000;
    plan.faults.seed = seed;
    plan.survivorsOfStop = dice(2) == 0 ? Survivors::everything : Survivors::powerLoss;
    // A quarter during the first start with its migrations; the others anywhere.
    const std::uint64_t within = dice(4) == 0 ? 120 : dice(2) == 0 ? 800 : 4000;
    plan.faults.powerOffAt = 1 + dice(within);
    const auto kind = synchronous == Synchronous::full ? dice(9) : 0;
    if (kind < 4) return plan;
    auto failure = someFailure(dice);
    if (kind == 5) failure.times = 1'000'000;
    if (kind == 6) failure = {Op::write, 1 + dice(1500), 1, SQLITE_FULL, true};
    if (kind == 7) failure = {Op::write, 1 + dice(800), 1 + dice(300), SQLITE_FULL, dice(2) == 0};
    if (kind == 8) failure = {Op::sync, 8 + dice(20), 1 + dice(3), SQLITE_IOERR_FSYNC, false};
    plan.fillsDisk = kind == 6 || kind == 7;
    plan.secondLife = failure.op == Op::sync;
    plan.faults.failures.push_back(failure);
    if (kind == 8 || dice(2) == 0) plan.faults.powerOffAt.reset();  // the power fails at the end
    return plan;
}

// A third of the runs holds an outside snapshot until the WAL is large by their small limit. Then
// it is copied back in the background, while rounds continue.
RunPlan planOf(std::uint64_t seed, Synchronous synchronous) {
    auto plan = faultsOf(seed, synchronous);
    Dice dice(seed + 500'000);
    if (dice(3) != 0) return plan;
    plan.load.contentBytesMax = 30'000;
    plan.load.rounds += 6;
    plan.load.checkpoints = {40, 120, 40, dice(2) == 0 ? 400 : 1'000'000};
    const int from = 1 + static_cast<int>(dice(3));
    plan.load.snapshot = HeldSnapshot{from, from + 4 + static_cast<int>(dice(4))};
    // In two of three of them, about where its pages are copied.
    if (plan.faults.powerOffAt && dice(3) > 0) plan.faults.powerOffAt = 250 + dice(500);
    return plan;
}

struct Folders {
    std::filesystem::path live;
    std::filesystem::path after;
    std::filesystem::path durable;  ///< the disk's content after the first life
};

// The process under test. Ends with _Exit where the plan says.
[[noreturn]] void child(const RunPlan& plan, const Folders& folders, RunReport& report) {
    FaultDisk* disk = nullptr;
    const auto end = [&](Survivors survivors, int status) {
        if (plan.secondLife) disk->save(Survivors::powerLoss, folders.live, folders.durable);
        disk->save(plan.secondLife ? Survivors::everything : survivors, folders.live,
                   folders.after);
        report.injected += disk->injected();
        std::error_code none;  // the newest note: the hardest case for its promise
        std::filesystem::copy_file(folders.live / "parley.head", folders.after / "parley.head",
                                   none);
        std::_Exit(status);
    };
    const auto stopped = [&](const std::string& why, int status) {
        const std::lock_guard lock(disk->mutex());
        std::strncpy(report.fatal, why.c_str(), sizeof report.fatal - 1);
        end(plan.survivorsOfStop, status);
    };
    disk = &FaultDisk::install(plan.faults, [&] { end(Survivors::powerLoss, kExitPowerOff); });
    const auto ran = runLoad(folders.live, plan.load, report,
                             [&](const std::string& why) { stopped(why, kExitStopped); });
    if (!ran) stopped(ran.error().message, kExitNotStarted);
    const std::lock_guard lock(disk->mutex());
    end(Survivors::powerLoss, kExitPowerOff);
    std::abort();
}

int runChild(const RunPlan& plan, const Folders& folders, RunReport& report) {
    const pid_t pid = ::fork();
    if (pid == 0) child(plan, folders, report);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// The same folder again, as a process would find it after the first one stopped.
int runSecondLife(const RunPlan& first, const Folders& folders, RunReport& report) {
    RunPlan second;
    second.load = first.load;
    second.load.seed = first.load.seed + 1'000'000;
    second.load.contentBytesMax = 200;  // so that no checkpoint helps
    second.load.rounds = 3;
    second.faults.seed = second.load.seed;
    second.faults.durableFiles = folders.durable;
    const Folders again{folders.after, folders.live.parent_path() / "second", {}};
    std::filesystem::create_directories(again.after);
    return runChild(second, again, report);
}

// Why a run failed; empty if it did not.
std::string judge(const RunPlan& plan, int status, const RunReport& report,
                  const CrashVerdict& verdict) {
    if (status != kExitPowerOff && status != kExitStopped && status != kExitNotStarted) {
        return "the process ended with " + std::to_string(status);
    }
    if (status != kExitPowerOff && report.fatal[0] == '\0') return "it stopped without a word";
    if (status == kExitStopped && plan.faults.failures.empty()) {
        return std::string("it stopped without a fault: ") + report.fatal;
    }
    if (plan.fillsDisk && status == kExitStopped) {
        return std::string("a full disk stopped it: ") + report.fatal;
    }
    if (report.refusedOtherwise > 0) return "a command was refused although the process must stop";
    if (!verdict.corrupt.empty()) return "corrupt: " + verdict.corrupt;
    if (verdict.lost > 0) return std::to_string(verdict.lost) + " events lost that were told";
    if (verdict.noteAhead) return "parley.head was ahead of the log";
    return {};
}

// The folder of all runs; removed if none failed.
std::filesystem::path makeTop() {
    auto pattern = (std::filesystem::temp_directory_path() / "parley-faults-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) {
        std::cerr << "cannot make a folder " << pattern << '\n';
        std::exit(2);
    }
    return pattern;
}

RunReport& sharedReport() {
    void* memory = ::mmap(nullptr, sizeof(RunReport), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    return *static_cast<RunReport*>(memory);
}

void runOne(std::uint64_t seed, const Options& options, const std::filesystem::path& top,
            RunReport& report, Totals& totals) {
    const auto plan = planOf(seed, options.synchronous);
    const auto folder = top / std::to_string(seed);
    const Folders folders{folder / "live", folder / "after", folder / "durable"};
    for (const auto& one : {folders.live, folders.after, folders.durable}) {
        std::filesystem::create_directories(one);
    }
    std::memset(static_cast<void*>(&report), 0, sizeof report);
    int status = runChild(plan, folders, report);
    auto left = folders.after;
    if (plan.secondLife && status == kExitStopped) {
        ++totals.stopped;
        ++totals.secondLives;
        status = runSecondLife(plan, folders, report);
        left = folder / "second";
    }
    const auto verdict = checkAfterCrash(left, report);
    ++totals.runs;
    totals.powerLosses += status == kExitPowerOff ? 1 : 0;
    totals.stopped += status == kExitStopped ? 1 : 0;
    totals.notStarted += status == kExitNotStarted ? 1 : 0;
    totals.injected += report.injected;
    totals.batches += report.batches;
    totals.told += report.toldCount;
    totals.refusedFull += report.refusedFull;
    totals.lost += verdict.lost;
    totals.snapshots += plan.load.snapshot ? 1 : 0;
    totals.copiedInBackground += report.copiedInBackground;
    totals.runsWithLosses += verdict.lost > 0 ? 1 : 0;
    totals.corrupt += verdict.corrupt.empty() ? 0 : 1;
    auto why = judge(plan, status, report, verdict);
    // Without full syncs, losses are expected, but damage is not.
    if (options.synchronous == Synchronous::normal && verdict.corrupt.empty()) why.clear();
    if (why.empty()) {
        std::filesystem::remove_all(folder);
        return;
    }
    ++totals.failed;
    std::cout << "FAILED seed " << seed << ": " << why << "\n  again: power_loss --seed " << seed
              << (options.synchronous == Synchronous::normal ? " --synchronous normal" : "")
              << "\n  what was left: " << folder.string() << '\n';
}

int runAll(const Options& options) {
    const auto top = makeTop();
    auto& report = sharedReport();
    Totals totals;
    for (std::uint64_t i = 0; i < options.runs; ++i) {
        runOne(options.firstSeed + i, options, top, report, totals);
    }
    if (totals.failed == 0) std::filesystem::remove_all(top);
    const bool proves = options.synchronous == Synchronous::normal;
    std::cout << "synchronous=" << (proves ? "NORMAL" : "FULL") << ": " << totals.runs << " runs, "
              << totals.powerLosses << " power losses, " << totals.injected << " calls failed, "
              << totals.stopped << " times stopped, " << totals.notStarted
              << " times refused to start, " << totals.secondLives
              << " started again after a failed sync, " << totals.batches << " batches, "
              << totals.told << " events acknowledged or broadcast, " << totals.refusedFull
              << " commands refused for want of room, " << totals.copiedInBackground
              << " copies beside the writer in " << totals.snapshots
              << " runs with a snapshot outside, " << totals.lost << " events lost in "
              << totals.runsWithLosses << " runs, " << totals.corrupt << " runs corrupt\n";
    if (proves && options.runs > 1 && totals.runsWithLosses == 0) {
        std::cout << "FAILED: without full syncs nothing was lost, so this test finds nothing\n";
        ++totals.failed;
    }
    if (!proves && totals.snapshots > 5 && totals.copiedInBackground == 0) {
        std::cout << "FAILED: nothing was copied beside the writer, so this was not tried\n";
        ++totals.failed;
    }
    const std::uint64_t failed = std::min(totals.failed, totals.runs);
    std::cout << totals.runs - failed << " passed, " << failed << " failed\n";
    return totals.failed == 0 ? 0 : 1;
}

bool readNumber(const char* text, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
    return error == std::errc() && *end == '\0';
}

bool parse(int argc, char** argv, Options& options) {
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string name = argv[i];
        if (name == "--synchronous" && std::strcmp(argv[i + 1], "normal") == 0) {
            options.synchronous = Synchronous::normal;
        } else if (name == "--runs" && readNumber(argv[i + 1], options.runs)) {
        } else if (name == "--first-seed" && readNumber(argv[i + 1], options.firstSeed)) {
        } else if (name == "--seed" && readNumber(argv[i + 1], options.firstSeed)) {
            options.runs = 1;
        } else {
            return false;
        }
    }
    return argc % 2 == 1;
}

}  // namespace
}  // namespace parley::faults

int main(int argc, char** argv) {
    parley::faults::Options options;
    if (!parley::faults::parse(argc, argv, options)) {
        std::cerr << "usage: power_loss [--runs N] [--first-seed N] [--seed N] "
                     "[--synchronous normal]\n";
        return 2;
    }
    parley::setUpLogging("off");
    return parley::faults::runAll(options);
}
