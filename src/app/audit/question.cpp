#include "app/audit/question.h"

#include <parley/core/check.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace parley {

// As scripts/embed_sql.cmake compiles them in.
const std::vector<SqlFile>& questions();

namespace app::audit {
namespace {

constexpr std::string_view kColumn = " | ";
constexpr std::string_view kOptions = "Options: ";
constexpr std::string_view kReads = "Reads: ";
constexpr std::string_view kExample = "Example: ";
constexpr std::string_view kIf = " -- if ";
constexpr std::string_view kUnless = " -- unless ";

/// In the order of the documentation: a conversation, people, times of answer, the whole, the log.
constexpr std::array kOrder{"search",    "messages",       "timeline", "room",      "seen",
                            "user",      "first-response", "replies",  "waits",     "unanswered",
                            "handovers", "workload",       "shares",   "notes",     "busy-hours",
                            "daily",     "export-log",     "gaps",     "retention", "follower"};

QuestionOption optionOf(std::string word) {
    QuestionOption option;
    if (const auto equals = word.find('='); equals != word.npos) {
        option.otherwise = word.substr(equals + 1);
        word.resize(equals);
    }
    if (word.ends_with('!')) {
        option.required = true;
        word.pop_back();
    }
    option.name = word;
    return option;
}

std::vector<QuestionOption> optionsOf(std::string_view list) {
    std::vector<QuestionOption> options;
    std::istringstream words{std::string(list)};
    for (std::string word; words >> word;) options.push_back(optionOf(word));
    return options;
}

std::string trimmed(std::string_view text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    return std::string(text);
}

void readComment(Question& question, std::string_view line) {
    if (line.starts_with(kOptions)) {
        question.options = optionsOf(line.substr(kOptions.size()));
    } else if (line.starts_with(kReads)) {
        question.needsAudit = line.find("audit.db") != line.npos;
        question.byHours = line.find("hours") != line.npos;
    } else if (line.starts_with(kExample)) {
        question.example = line.substr(kExample.size());
    } else if (const auto bar = line.find(kColumn); bar != line.npos) {
        question.columns.push_back(
            {trimmed(line.substr(0, bar)), std::string(line.substr(bar + kColumn.size()))});
    } else if (question.title.empty()) {
        question.title = line;
    } else if (!line.empty()) {
        question.text += (question.text.empty() ? "" : " ") + std::string(line);
    }
}

Question read(const SqlFile& file) {
    Question question;
    question.name = file.name;
    std::istringstream lines{std::string(file.sql)};
    for (std::string line; std::getline(lines, line);) {
        if (question.sql.empty() && line.starts_with("--")) {
            readComment(question,
                        std::string_view(line).substr(std::min<std::size_t>(3, line.size())));
        } else {
            question.sql += line + '\n';
        }
    }
    return question;
}

// The name behind the last `mark` in the line; empty: it has none.
std::string markedBy(const std::string& line, std::string_view mark) {
    const auto at = line.rfind(mark);
    return at == line.npos ? std::string() : trimmed(line.substr(at + mark.size()));
}

}  // namespace

const QuestionOption* Question::option(std::string_view wanted) const {
    const auto found = std::find_if(options.begin(), options.end(),
                                    [&](const auto& one) { return one.name == wanted; });
    return found == options.end() ? nullptr : &*found;
}

// Times have such names, too, but with what happened then before it: `at_ms`, `start_ms`.
std::vector<std::string> Question::durations() const {
    std::vector<std::string> names;
    for (const auto& column : columns) {
        const bool isTime = column.name.ends_with("at_ms") || column.name == "start_ms";
        const bool isMs = column.name == "ms" || column.name.ends_with("_ms");
        if (isMs && !isTime) names.push_back(column.name);
    }
    return names;
}

std::string Question::sqlFor(const std::function<bool(const std::string&)>& isGiven) const {
    std::string out;
    std::istringstream lines(sql);
    for (std::string line; std::getline(lines, line);) {
        const auto needed = markedBy(line, kIf);
        const auto unwanted = markedBy(line, kUnless);
        if (!needed.empty() && !isGiven(needed)) continue;
        if (!unwanted.empty() && isGiven(unwanted)) continue;
        out += trimmed(line.substr(0, line.find(needed.empty() ? kUnless : kIf))) + '\n';
    }
    return out;
}

const std::vector<Question>& questionTable() {
    static const std::vector<Question> table = [] {
        std::vector<Question> all;
        for (const char* name : kOrder) {
            const auto& files = questions();
            const auto file = std::find_if(files.begin(), files.end(),
                                           [&](const SqlFile& one) { return one.name == name; });
            PARLEY_CHECK(file != files.end());
            all.push_back(read(*file));
        }
        PARLEY_CHECK(all.size() == questions().size());
        return all;
    }();
    return table;
}

const Question* findQuestion(std::string_view name) {
    const auto& table = questionTable();
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Question& one) { return one.name == name; });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace app::audit
}  // namespace parley
