#include "app/audit/ask.h"

#include "app/folder_options.h"

#include <parley/audit/schema.h>
#include <parley/core/time_text.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace parley::app::audit {
namespace {

/// Keeps what a writer prints until the answer is known to be whole: in memory, and what is more
/// than kHeldBytes in a file.
class HeldRows : public RowWriter {
public:
    HeldRows(const AuditOptions& options, const WriterOptions& how)
        : parent_(options.scratch),
          limit_(options.rowsMax),
          writer_(makeWriter(options.format, how, text_)) {}

    void begin(const std::vector<std::string>& columns) override { writer_->begin(columns); }
    void row(std::span<const Cell> cells) override {
        if (limit_ > 0 && rows_ == limit_) {
            hasMore_ = true;
            return;
        }
        ++rows_;
        writer_->row(cells);
        if (static_cast<std::size_t>(text_.tellp()) > kHeldBytes) spill();
    }
    void end() override { writer_->end(); }

    std::int64_t rows() const { return rows_; }
    /// Whether there were more than the limit, which are left out.
    bool hasMore() const { return hasMore_; }
    /// Whether everything that was written has been kept.
    Result<void> isWhole() {
        if (!failure_ && folder_ && !file_.flush()) failure_ = noRoom();
        return failure_ ? Result<void>(*failure_) : Result<void>();
    }
    void print() {
        if (folder_) {
            file_.seekg(0);
            std::cout << file_.rdbuf();
        }
        std::cout << text_.str();
    }

private:
    void spill() {
        const std::string text = std::move(text_).str();
        text_.str({});
        if (failure_) return;
        if (!folder_) {
            auto folder = ScratchFolder::make(parent_);
            if (!folder) {
                failure_ = folder.error();
                return;
            }
            folder_ = std::move(*folder);
            file_.open(folder_->path() / "rows",
                       std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary);
        }
        if (!file_.write(text.data(), static_cast<std::streamsize>(text.size()))) {
            failure_ = noRoom();
        }
    }
    Error noRoom() const {
        return {ErrorCode::storage_full, "the rows cannot be kept in \"" +
                                             folder_->path().string() +
                                             "\" until all are there. Name another folder with "
                                             "--scratch, or ask for less"};
    }

    const std::filesystem::path parent_;
    const std::int64_t limit_;  // 0: none
    std::int64_t rows_ = 0;
    bool hasMore_ = false;
    std::ostringstream text_;
    std::unique_ptr<RowWriter> writer_;
    std::unique_ptr<ScratchFolder> folder_;
    std::fstream file_;
    std::optional<Error> failure_;
};

std::optional<int> terminalColumns() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) == 0) return std::nullopt;
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

// Times that a view gives are in UTC; columns of times are named `at` or `..._at`.
Statement::Convert toZone(const TimeZone& zone, const std::vector<std::string>& columns) {
    if (zone.name() == "UTC") return {};
    return [&zone, &columns](std::size_t column, std::string_view text) {
        const auto& name = columns[column];
        if (name != "at" && !name.ends_with("_at")) return std::string(text);
        const auto at = parseTime(text, TimeZone::utc(), {});
        return at ? zone.iso(*at) : std::string(text);
    };
}

/// Stops the clock of a statement, however it ended: a prompt waits for the next one.
class RunningClock {
public:
    explicit RunningClock(Source& source) : source_(source) { source_.startClock(); }
    ~RunningClock() { source_.stopClock(); }
    RunningClock(const RunningClock&) = delete;
    RunningClock& operator=(const RunningClock&) = delete;

private:
    Source& source_;
};

int timedOut(const AuditOptions& options, const Statement::Ran& ran) {
    std::cerr << "parley: read_timeout: it took longer than --time-limit, "
              << options.timeLimit.count() << " ms; ";
    if (ran.lastPosition) {
        std::cerr << "it had come to position " << *ran.lastPosition << ". ";
    } else {
        std::cerr << "it had found " << ran.rows << " rows. ";
    }
    std::cerr << "Ask for less: --from and --to, one conversation or user; or allow more time\n";
    return kExitTimeout;
}

}  // namespace

AuditUse auditUseOf(const std::string& sql) {
    const auto& views = parley::audit::schema().views;
    const bool isNamed = sql.find("audit.") != sql.npos ||
                         std::any_of(views.begin(), views.end(), [&](const SqlFile& view) {
                             return sql.find(view.name) != sql.npos;
                         });
    return isNamed ? AuditUse::needed : AuditUse::none;
}

int failed(const Error& error) {
    return fail(error, error.code == ErrorCode::invalid_value ? kExitUsage : exitStatusOf(error));
}

int ask(Source& source, const AuditOptions& options, const std::string& sql,
        const Parameters& parameters) {
    const RunningClock clock(source);
    auto statement = Statement::prepare(source.log(), sql, parameters);
    if (!statement) return failed(statement.error());
    if (options.explain) {
        const auto plan = statement->plan();
        if (!plan) return failed(plan.error());
        std::cout << *plan;
        return 0;
    }
    const auto convert = toZone(options.zone, statement->columns());
    return printed(source, options, [&](RowWriter& rows, Statement::Ran& ran) {
        return statement->run(rows, ran, convert);
    });
}

int printed(Source& source, const AuditOptions& options,
            const std::function<Result<void>(RowWriter&, Statement::Ran&)>& print) {
    HeldRows rows(
        options,
        {.raw = options.raw, .columns = terminalColumns(), .durations = options.durations});
    Statement::Ran ran;
    auto done = print(rows, ran);
    if (done) done = rows.isWhole();
    if (done) done = source.wasUndisturbed();
    if (!done) {
        return done.error().code == ErrorCode::read_timeout ? timedOut(options, ran)
                                                            : failed(done.error());
    }
    source.stopClock();  // a pager may take as long as its reader likes
    rows.print();
    if (rows.hasMore() || ran.hasMore) {
        std::cerr << "parley: the first " << rows.rows() << " rows; --limit asks for more\n";
    }
    if (source.hasAudit() && source.upTo().position < source.head().position) {
        std::cerr << "parley: up to position " << source.upTo().position.value << ": audit.db is "
                  << source.head().position.value - source.upTo().position.value
                  << " events behind the log\n";
    }
    return 0;
}

}  // namespace parley::app::audit
