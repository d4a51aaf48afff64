#include "app/audit/source.h"

#include "app/folder_options.h"
#include "app/progress.h"

#include <parley/audit/build.h>
#include <parley/audit/schema.h>
#include <parley/core/clock.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/migrations.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

namespace parley::app::audit {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{20};
constexpr int kRemovals = 100;

// Whether the file is an audit.db of this program; an error where it cannot be opened.
bool isUsable(const fs::path& file) {
    std::error_code failed;
    if (!fs::exists(file, failed)) return false;
    auto db = Database::openReader(file, parley::audit::schema());
    return db.ok() && checkSchema(**db).ok();
}

std::mutex scratchMutex;
std::set<fs::path>& scratchFolders() {
    static std::set<fs::path> folders;
    return folders;
}

}  // namespace

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::make(const fs::path& parent) {
    std::string pattern = (parent / "parley-audit-XXXXXX").string();
    // Before: a signal finds the folder made and listed, or neither.
    const std::lock_guard lock(scratchMutex);
    if (!::mkdtemp(pattern.data())) {
        return Error{ErrorCode::file_refused, "no folder can be made in \"" + parent.string() +
                                                  "\": " + std::strerror(errno) +
                                                  ". Name another one with --scratch"};
    }
    scratchFolders().insert(pattern);
    return std::unique_ptr<ScratchFolder>(new ScratchFolder(pattern));
}

ScratchFolder::~ScratchFolder() {
    const std::lock_guard lock(scratchMutex);
    std::error_code failed;
    fs::remove_all(path_, failed);
    scratchFolders().erase(path_);
}

void ScratchFolder::removeAll() {
    const std::lock_guard lock(scratchMutex);
    std::error_code failed;
    for (const auto& folder : scratchFolders()) {
        // Until its folder is gone, SQLite may put one file more into it, on another thread.
        for (int tries = 0; tries < kRemovals && fs::exists(folder, failed); ++tries) {
            fs::remove_all(folder, failed);
        }
    }
}

Source::Source(std::chrono::milliseconds timeLimit)
    : timeLimit_(timeLimit), guard_([] { ScratchFolder::removeAll(); }) {}

Result<std::unique_ptr<Source>> Source::open(const AuditOptions& options, AuditUse use) {
    std::unique_ptr<Source> source(new Source(options.timeLimit));
    PARLEY_TRY(source->openLog(options));
    if (use != AuditUse::none) PARLEY_TRY(source->findAudit(options, use));
    PARLEY_TRY(source->log_->run(
        [&] { source->functions_ = std::make_unique<SqlFunctions>(*source->log_, options.zone); }));
    source->startClock();  // from here on, as opening may take its time
    source->log_->interruptWhen([at = source.get()] { return at->isTimeOver(); });
    return source;
}

void Source::startClock() {
    until_ = Steady::now() + timeLimit_;
    guard_.start(timeLimit_);
}

Result<void> Source::openLog(const AuditOptions& options) {
    PARLEY_TRY(options.file ? requireFile(*options.file) : requireDatabase(options.data));
    const auto file = options.file.value_or(DataFolder::databaseIn(options.data));
    PARLEY_TRY_ASSIGN(log_, Database::openReader(file));
    PARLEY_TRY(checkSchema(*log_));
    PARLEY_TRY(log_->run([&] { times_.emplace(*log_); }));
    PARLEY_TRY_ASSIGN(head_, times_->head());
    upTo_ = head_;
    return {};
}

Result<void> Source::findAudit(const AuditOptions& options, AuditUse use) {
    if (!options.file) {
        PARLEY_TRY_ASSIGN(const bool found, useFolders(options, use));
        if (found) return {};
    }
    if (use != AuditUse::needed) return {};
    PARLEY_TRY_ASSIGN(scratch_, ScratchFolder::make(options.scratch));
    const auto file = scratch_->path() / "audit.db";
    std::cerr << "parley: building audit.db for this question alone, in \""
              << scratch_->path().string() << "\"" << std::endl;
    PARLEY_TRY(parley::audit::build(*log_, file, SystemClock(), auditProgress()));
    PARLEY_TRY_ASSIGN(const bool attached, attach(file));
    if (attached) return {};
    return Error{ErrorCode::storage_failed, "the audit.db that was just built cannot be read"};
}

// The data folder's own. Beside a server its follower brings it up to the head; else this does.
Result<bool> Source::useFolders(const AuditOptions& options, AuditUse use) {
    const auto file = DataFolder::auditIn(options.data);
    if (use == AuditUse::ifThere && !isUsable(file)) return false;
    const auto owned = DataFolder::isOwned(options.data);
    if (owned && !*owned) {
        PARLEY_TRY_ASSIGN(const bool done, bringUpToDate(options));
        return done ? attach(file) : attachCurrent(file);
    }
    const auto until = Steady::now() + options.wait;
    for (;;) {
        if (isUsable(file)) {
            PARLEY_TRY_ASSIGN(const bool attached, attach(file));
            if (attached && (upTo_.position >= head_.position || Steady::now() >= until)) {
                return true;
            }
            if (attached) PARLEY_TRY(detach());
        }
        if (Steady::now() >= until) return false;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

// Of a folder that cannot be written. False where the file is behind the log, or cannot be used.
Result<bool> Source::attachCurrent(const fs::path& audit) {
    if (!isUsable(audit)) return false;
    PARLEY_TRY_ASSIGN(const bool attached, attach(audit));
    if (!attached || upTo_.position >= head_.position) return attached;
    PARLEY_TRY(detach());
    return false;
}

Result<void> Source::detach() {
    hasAudit_ = false;
    return log_->run([&] { log_->sqlite().exec("DETACH audit"); });
}

// False where the folder cannot be written, or a server starts meanwhile.
Result<bool> Source::bringUpToDate(const AuditOptions& options) {
    auto folder = DataFolder::own(options.data);
    if (!folder) return false;
    auto done = parley::audit::bringUpToDate(*log_, DataFolder::auditIn(options.data),
                                             SystemClock(), auditProgress());
    return done.ok();
}

// False where the file is of another log.
Result<bool> Source::attach(const fs::path& audit) {
    return log_->query([&]() -> Result<bool> {
        SQLite::Statement attach(log_->sqlite(), "ATTACH ? AS audit");
        attach.bind(1, audit.string());
        attach.exec();
        SQLite::Statement row(log_->sqlite(),
                              "SELECT f.position, f.at_ms, f.position = 0 OR f.head_hash ="
                              " (SELECT e.hash FROM v1_event AS e WHERE e.position = f.position)"
                              " FROM audit.v1_follower AS f");
        if (row.executeStep() && row.getColumn(2).getInt() == 1) {
            upTo_ = {{row.getColumn(0).getInt64()}, {row.getColumn(1).getInt64()}};
            if (upTo_.position > head_.position) head_ = upTo_;  // the log went on meanwhile
            hasAudit_ = true;
            auditFile_ = audit;
            return true;
        }
        row.reset();
        log_->sqlite().exec("DETACH audit");
        return false;
    });
}

}  // namespace parley::app::audit
