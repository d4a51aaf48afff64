#pragma once

#include <parley/log/schema.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::app::audit {

/// An option that a question takes.
struct QuestionOption {
    std::string name;       ///< "conversation", as behind `--` and as the parameter `:conversation`
    bool required = false;  ///< the question makes no sense without it
    std::string otherwise = {};  ///< what counts where it is not given; empty: nothing
};

/// A column of an answer.
struct QuestionColumn {
    std::string name;
    std::string meaning;
};

/// One question that `parley audit` knows: a file of schema/questions/. Its comment documents it;
/// its SQL uses the public views alone, so that anyone can run it in a shell.
struct Question {
    std::string name;                     ///< the file's: "first-response"
    std::string title;                    ///< one sentence
    std::string text;                     ///< what exactly is counted
    std::vector<QuestionColumn> columns;  ///< of the answer, in their order
    std::vector<QuestionOption> options;
    bool needsAudit = false;  ///< it reads views of audit.db
    bool byHours = false;     ///< it reads `counted`, which hours.h makes
    std::string example;      ///< options of an example; may be empty
    std::string sql;          ///< with all its conditional lines

    /// The columns that are how long something took, in milliseconds.
    std::vector<std::string> durations() const;
    const QuestionOption* option(std::string_view option) const;
    /// The statement for what was given: a line that ends with "-- if NAME" stays where `isGiven`
    /// says so of NAME, one that ends with "-- unless NAME" where it does not.
    std::string sqlFor(const std::function<bool(const std::string&)>& isGiven) const;
};

/// All of them, in the order of the documentation. Lives as long as the process. Any thread.
const std::vector<Question>& questionTable();
/// Null: there is no question of that name.
const Question* findQuestion(std::string_view name);

}  // namespace parley::app::audit
