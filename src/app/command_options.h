#pragma once

#include "app/commands.h"

#include <parley/core/result.h>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

/// Between our tables and CLI11: the only two files that include it are command_options.cpp and
/// command_line.cpp, because it takes seconds to compile.
namespace parley::app {

/// Declares the command's argument and options. What the command does not know is collected, for
/// `wrongWords` to name.
void declare(CLI::App& app, const CommandInfo& command);

/// Lets CLI11 parse. The error, if there is one, is only that a value or an argument is missing.
/// Throws CLI::Success where help or the version was asked for.
std::optional<Error> parse(CLI::App& app, std::vector<std::string> arguments);

/// After parsing: the words that `command` does not know, each with what may have been meant; the
/// switches that are set to neither true nor false; the options that take one value and are said
/// again. The word behind an unknown option is taken for its value.
std::vector<WrongWord> wrongWords(const CLI::App& app, const CommandInfo& command);

/// What was given, after parsing.
Given givenTo(const CLI::App& app);

/// All of the above for the words behind the name of one command; knows no --help.
Result<Given> readOptions(const CommandInfo& command, const std::vector<std::string>& arguments);

}  // namespace parley::app
