#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/engine/log_verifier.h>
#include <parley/log/database.h>
#include <parley/log/verify.h>

#include <exception>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace parley {
namespace {

constexpr int kLowestPriority = 19;
constexpr const char* kWarning = "log_broken";

Result<VerifyReport> verify(const std::filesystem::path& database, const VerifyProgress& progress,
                            const std::function<bool()>& stopped) {
    PARLEY_TRY_ASSIGN(const auto db, Database::openReader(database));
    return verifyLog(*db, progress, stopped);
}

}  // namespace

LogVerifier::~LogVerifier() {
    stop();
}

bool LogVerifier::start() {
    const std::lock_guard lock(mutex_);
    if (stopping_ || state_.now) return false;
    if (thread_.joinable()) thread_.join();  // it has ended, but for its last instructions
    state_.now = VerifyingLog{.position = {}, .head = {}, .startedAt = clock_.now()};
    thread_ = std::thread([this] { run(); });
    return true;
}

void LogVerifier::stop() {
    stopping_ = true;
    std::thread last;
    {
        const std::lock_guard lock(mutex_);
        last = std::move(thread_);
    }
    if (last.joinable()) last.join();
}

LogVerifier::State LogVerifier::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void LogVerifier::run() {
    // Linux gives each thread a priority of its own.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowestPriority);
    const auto progress = [this](Position checked, Position head) {
        const std::lock_guard lock(mutex_);
        state_.now->position = checked;
        state_.now->head = head;
    };
    try {
        const auto report = verify(database_, progress, [this] { return stopping_.load(); });
        if (!report) return fail(report.error());
        finish({.position = report->last,
                .at = clock_.now(),
                .ok = report->good,
                .brokenAt = report->badPosition,
                .problem = report->problem});
    } catch (const std::exception& thrown) {
        fail({ErrorCode::internal, thrown.what()});
    }
}

void LogVerifier::finish(VerifiedLog found) {
    if (found.ok) {
        warnings_.clear(kWarning);
        logger().info("log_verified position={}", found.position.value);
    } else {
        logger().error("log_broken position={} problem=\"{}\"", found.brokenAt.value,
                       found.problem);
        warnings_.raise(kWarning, "event " + std::to_string(found.brokenAt.value) +
                                      " of the log is not the one that was written; see "
                                      "`parley verify` and docs/backup.md");
    }
    const std::lock_guard lock(mutex_);
    verified_.store(found.position.value, std::memory_order_relaxed);
    state_ = {.last = std::move(found), .now = {}, .failure = {}};
}

void LogVerifier::fail(const Error& error) {
    if (error.code != ErrorCode::shutting_down) {
        logger().error("verify_failed code={} message=\"{}\"", error.name(), error.message);
    }
    const std::lock_guard lock(mutex_);
    state_.now.reset();
    state_.failure = VerifyFailure{error, clock_.now()};
}

}  // namespace parley
