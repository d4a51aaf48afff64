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
    ".quit         end; so do quit, exit and Ctrl-D\n";

// What the line asks of the prompt itself, with its dot; empty: it is SQL. No statement begins with
// one of the words that people type without the dot.
std::string commandIn(std::string line) {
    if (line.starts_with('.')) return line;
    line.erase(line.find_last_not_of(" \t\r;") + 1);
    line.erase(0, line.find_first_not_of(" \t"));
    for (const char* word : {"quit", "exit", "help"}) {
        if (line == word) return '.' + line;
    }
    return {};
}

// How long the first statement is, with its semicolon; 0: there is no whole one.
std::size_t firstStatementIn(const std::string& text) {
    for (auto end = text.find(';'); end != text.npos; end = text.find(';', end + 1)) {
        if (sqlite3_complete(text.substr(0, end + 1).c_str()) != 0) return end + 1;
    }
    return 0;
}

// Whether there are but blanks and comments in it.
bool isBlank(const std::string& text) {
    return sqlite3_complete((';' + text).c_str()) != 0;
}

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
        if (const int status = open(AuditUse::none); status != 0) return status;
        source_->stopClock();
        std::string statement;
        if (isTerminal) std::cout << "SELECT only; .help says more\nparley> " << std::flush;
        for (std::string line; std::getline(std::cin, line);) {
            const auto asked = statement.empty() ? commandIn(line) : std::string();
            if (asked.empty()) {
                statement += line + '\n';
                answerWhole(statement, isTerminal);
            } else if (!command(asked)) {
                return status_;
            }
            if (isTerminal)
                std::cout << (statement.empty() ? "parley> " : "   ...> ") << std::flush;
        }
        if (isTerminal) std::cout << '\n';
        if (!isBlank(statement)) note(answer(statement), isTerminal);
        return status_;
    }

private:
    // Answers the statements that are whole, and leaves what follows them.
    void answerWhole(std::string& text, bool isTerminal) {
        while (const auto size = firstStatementIn(text)) {
            const bool isEmpty = isBlank(text.substr(0, size - 1));
            if (!isEmpty) note(answer(text.substr(0, size)), isTerminal);
            text.erase(0, size);
        }
        if (isBlank(text)) text.clear();
    }

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
    int open(AuditUse use) {
        source_.reset();
        auto source = Source::open(options_, use);
        if (!source) return failed(source.error());
        source_ = std::move(*source);
        allowOnlySelect(source_->log());
        return 0;
    }

    int answer(const std::string& sql) {
        const auto use = auditUseOf(sql);
        if (!source_ || use == AuditUse::needed) {
            if (const int status = open(use); status != 0) return status;
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
