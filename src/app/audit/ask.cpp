#include "app/audit/ask.h"

#include "app/folder_options.h"

#include <parley/audit/schema.h>
#include <parley/core/time_text.h>

#include <algorithm>
#include <iostream>
#include <sstream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace parley::app::audit {
namespace {

/// Keeps what a writer prints until there is much of it, or the end.
class HeldRows : public RowWriter {
public:
    HeldRows(Source& source, Format format, const WriterOptions& options)
        : source_(source), writer_(makeWriter(format, options, text_)) {}

    void begin(const std::vector<std::string>& columns) override { writer_->begin(columns); }
    void row(std::span<const Cell> cells) override {
        writer_->row(cells);
        if (static_cast<std::size_t>(text_.tellp()) > kHeldBytes) letGo();
    }
    void end() override {
        writer_->end();
        source_.stopClock();  // a pager may take as long as its reader likes
        letGo();
    }

private:
    void letGo() {
        std::cout << text_.str();
        text_.str({});
    }

    Source& source_;
    std::ostringstream text_;
    std::unique_ptr<RowWriter> writer_;
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

bool mentionsAudit(const std::string& sql) {
    const auto& views = parley::audit::schema().views;
    return sql.find("audit.") != sql.npos ||
           std::any_of(views.begin(), views.end(),
                       [&](const SqlFile& view) { return sql.find(view.name) != sql.npos; });
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
        source, options.format,
        {.raw = options.raw, .columns = terminalColumns(), .durations = options.durations});
    Statement::Ran ran;
    if (auto done = print(rows, ran); !done) {
        return done.error().code == ErrorCode::read_timeout ? timedOut(options, ran)
                                                            : failed(done.error());
    }
    if (options.shortLimit > 0 && ran.rows >= options.shortLimit) {
        std::cerr << "parley: the first " << ran.rows << " rows; --limit asks for more\n";
    }
    if (auto undisturbed = source.wasUndisturbed(); !undisturbed)
        return failed(undisturbed.error());
    if (source.hasAudit() && source.upTo().position < source.head().position) {
        std::cerr << "parley: up to position " << source.upTo().position.value << ": audit.db is "
                  << source.head().position.value - source.upTo().position.value
                  << " events behind the log\n";
    }
    return 0;
}

}  // namespace parley::app::audit
