#include "app/command_line.h"
#include "app/standard_output.h"

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    using namespace parley::app;
    std::signal(SIGXFSZ, SIG_IGN);  // beyond a file-size limit a write fails with an error
    StandardOutput output;
    const CommandLine line =
        readCommandLine(commandTable(), std::vector<std::string>(argv + 1, argv + argc));
    if (line.command) return output.finish(line.command->run(line.given));
    (line.status == 0 ? std::cout : std::cerr) << line.text;
    return output.finish(line.status);
}
