#pragma once

#include "app/audit/audit_options.h"
#include "app/audit/sql_functions.h"
#include "app/audit/time_guard.h"

#include <parley/log/database.h>
#include <parley/log/read/log_times.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace parley::app::audit {

/// A folder that goes away with this object.
class ScratchFolder {
public:
    /// Makes one inside `parent`. Refuses with `file_refused`.
    static Result<std::unique_ptr<ScratchFolder>> make(const std::filesystem::path& parent);
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    /// Removes those that there are: for a process that ends in the middle. Any thread.
    static void removeAll();

private:
    explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

/// Whether audit.db is wanted.
enum class AuditUse {
    none,
    ifThere,  ///< the data folder's own, where it can be used without being built anew
    needed,
};

/// What is asked: a log, and its audit.db attached as `audit` where that is wanted. Read-only. One
/// thread.
class Source {
public:
    /// Opens the log. Unless `use` is none, it finds an audit.db that can be used, up to the log's
    /// head as it is now: the data folder's own, for which it waits beside a server
    /// (AuditOptions::wait); else it brings that one up to date, where no server runs and the
    /// folder can be written; else, if it is needed, it builds one in AuditOptions::scratch. Says
    /// on standard error what it builds. Refuses as Database::openReader and checkSchema do.
    static Result<std::unique_ptr<Source>> open(const AuditOptions& options, AuditUse use);

    Database& log() { return *log_; }
    LogTimes& times() { return *times_; }
    /// The log's last event, as of `open`.
    const LogMoment& head() const { return head_; }
    /// Up to where an answer can be given: the head, or what audit.db holds.
    const LogMoment& upTo() const { return upTo_; }
    /// Whether audit.db is attached, and where it is.
    bool hasAudit() const { return hasAudit_; }
    const std::filesystem::path& auditFile() const { return auditFile_; }
    /// A statement that begins now may take AuditOptions::timeLimit; after a moment more the
    /// process ends, whatever it does. `stopClock`: it has ended, and its rows are printed.
    void startClock();
    void stopClock() { guard_.stop(); }
    bool isTimeOver() const { return std::chrono::steady_clock::now() >= until_; }
    /// Refuses with `busy` where what was read cannot be relied on (Database::wasUndisturbed).
    Result<void> wasUndisturbed() const { return log_->wasUndisturbed(); }

private:
    explicit Source(std::chrono::milliseconds timeLimit);
    Result<void> openLog(const AuditOptions& options);
    Result<void> findAudit(const AuditOptions& options, AuditUse use);
    Result<bool> useFolders(const AuditOptions& options, AuditUse use);
    Result<bool> bringUpToDate(const AuditOptions& options);
    Result<bool> attachCurrent(const std::filesystem::path& audit);
    Result<bool> attach(const std::filesystem::path& audit);
    Result<void> detach();

    const std::chrono::milliseconds timeLimit_;
    std::chrono::steady_clock::time_point until_;
    TimeGuard guard_;
    std::unique_ptr<ScratchFolder> scratch_;  // outlives the connection that has its file attached
    std::unique_ptr<Database> log_;
    std::optional<LogTimes> times_;
    std::unique_ptr<SqlFunctions> functions_;
    LogMoment head_;
    LogMoment upTo_;
    bool hasAudit_ = false;
    std::filesystem::path auditFile_;
};

}  // namespace parley::app::audit
