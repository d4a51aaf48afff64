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

    int run() {
        const bool isTerminal = ::isatty(STDIN_FILENO) != 0;
        std::string statement;
        if (isTerminal) std::cout << "SELECT only; .help says more\nparley> " << std::flush;
        for (std::string line; std::getline(std::cin, line);) {
            if (statement.empty() && line.starts_with('.')) {
                if (!command(line)) return status_;
            } else {
                statement += line + '\n';
                if (sqlite3_complete(statement.c_str()) != 0) {
                    status_ = answer(statement);
                    statement.clear();
                }
            }
            if (isTerminal)
                std::cout << (statement.empty() ? "parley> " : "   ...> ") << std::flush;
        }
        if (isTerminal) std::cout << '\n';
        if (statement.find_first_not_of(" \n\t") != statement.npos) status_ = answer(statement);
        return status_;
    }

private:
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

    int answer(const std::string& sql) {
        const bool wantsAudit = mentionsAudit(sql);
        if (!source_ || wantsAudit) {
            source_.reset();
            auto source = Source::open(options_, wantsAudit);  // each answer is of its own moment
            if (!source) return failed(source.error());
            source_ = std::move(*source);
            allowOnlySelect(source_->log());
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
