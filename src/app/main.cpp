#include "app/command_line.h"
#include "app/standard_output.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

// A stream that is closed would give its number to the next file that is opened, such as
// parley.lock, and what is printed would go there. Opened the other way round, it still refuses to
// be used, with the same error as a closed one.
void occupyStandardStreams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
        if (::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
    }
}

}  // namespace

int main(int argc, char** argv) {
    using namespace parley::app;
    occupyStandardStreams();
    std::signal(SIGXFSZ, SIG_IGN);  // beyond a file-size limit a write fails with an error
    StandardOutput output;
    const CommandLine line =
        readCommandLine(commandTable(), std::vector<std::string>(argv + 1, argv + argc));
    if (line.command) {
        return output.finish(line.wrong.empty() ? line.command->run(line.given)
                                                : line.command->runWrong(line.given, line.wrong));
    }
    (line.status == 0 ? std::cout : std::cerr) << line.text;
    return output.finish(line.status);
}
