#include "app/audit/ask.h"

#include <parley/audit/schema.h>
#include <parley/core/clock.h>
#include <parley/core/logging.h>
#include <parley/log/schema.h>

#include <sqlite3.h>

#include <iostream>
#include <memory>
#include <string>
#include <unistd.h>

/// The subcommand that asks SELECT after SELECT.
namespace parley::app {
namespace audit {
namespace {

constexpr const char* kHelp =
    "SELECT ...;   ask; a statement ends with a semicolon and may take several lines\n"
    ".views        the public views; docs/sql.md says what their columns mean\n"
    ".quit         end; so does Ctrl-D\n";

void listViews() {
    for (const auto& view : views()) std::cout << view.name << '\n';
    for (const auto& view : parley::audit::schema().views) {
        std::cout << view.name << "  (audit.db)\n";
    }
}

/// Keeps the log open, and attaches audit.db once a statement asks for it.
class Prompt {
public:
    explicit Prompt(const AuditOptions& options) : options_(options) {}

    /// Of a script, the status of the first statement that failed; of a terminal, of the last one.
    int run() {
        const bool isTerminal = ::isatty(STDIN_FILENO) != 0;
        if (const int status = open(false); status != 0) return status;
        source_->stopClock();
        std::string statement;
        if (isTerminal) std::cout << "SELECT only; .help says more\nparley> " << std::flush;
        for (std::string line; std::getline(std::cin, line);) {
            if (statement.empty() && line.starts_with('.')) {
                if (!command(line)) return status_;
            } else {
                statement += line + '\n';
                if (sqlite3_complete(statement.c_str()) != 0) {
                    note(answer(statement), isTerminal);
                    statement.clear();
                }
            }
            if (isTerminal)
                std::cout << (statement.empty() ? "parley> " : "   ...> ") << std::flush;
        }
        if (isTerminal) std::cout << '\n';
        if (statement.find_first_not_of(" \n\t") != statement.npos) {
            note(answer(statement), isTerminal);
        }
        return status_;
    }

private:
    void note(int status, bool isTerminal) {
        if (isTerminal || status_ == 0) status_ = status;
    }

    // False: it is to end.
    bool command(const std::string& line) {
        if (line == ".quit" || line == ".exit") return false;
        if (line == ".views" || line == ".tables") {
            listViews();
        } else {
            std::cout << kHelp;
        }
        return true;
    }

    // Each answer is of its own moment.
    int open(bool withAudit) {
        source_.reset();
        auto source = Source::open(options_, withAudit);
        if (!source) return failed(source.error());
        source_ = std::move(*source);
        allowOnlySelect(source_->log());
        return 0;
    }

    int answer(const std::string& sql) {
        const bool wantsAudit = mentionsAudit(sql);
        if (!source_ || wantsAudit) {
            if (const int status = open(wantsAudit); status != 0) return status;
        }
        const int status = ask(*source_, options_, sql, {});
        std::cout << std::flush;
        return status;
    }

    const AuditOptions& options_;
    std::unique_ptr<Source> source_;
    int status_ = 0;
};

}  // namespace
}  // namespace audit

int sqlPrompt(const Given& given) {
    using namespace audit;
    setUpLogging("off");
    const auto options = auditOptions(given, SystemClock().now());
    if (!options) return failed(options.error());
    return Prompt(*options).run();
}

}  // namespace parley::app
