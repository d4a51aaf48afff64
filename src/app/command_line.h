#pragma once

#include "app/commands.h"

#include <string>
#include <vector>

namespace parley::app {

/// What a command line asks for: to run a command, or to print a text.
struct CommandLine {
    const CommandInfo* command = nullptr;  ///< null: `text` is to be printed
    Given given = {};
    std::vector<WrongWord> wrong = {};  ///< if there are any, they are for `command`'s runWrong
    std::string text = {};              ///< help, the version, or what is wrong
    int status = 0;  ///< what to end with after the text; 0: it belongs on standard output
};

/// Reads the words after the program's name by the table.
CommandLine readCommandLine(const std::vector<CommandInfo>& table,
                            const std::vector<std::string>& arguments);

}  // namespace parley::app
