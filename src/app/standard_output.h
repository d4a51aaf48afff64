#pragma once

#include <array>
#include <cstddef>
#include <streambuf>

namespace parley::app {

/// Lets std::cout write straight to the descriptor for as long as it lives. A full disk is then
/// noticed, and the reason known: the standard's own buffer forgets it, and a command
/// whose output went nowhere would end as if all were well. One a process, made by main.
class StandardOutput : private std::streambuf {
public:
    StandardOutput();
    ~StandardOutput() override;
    StandardOutput(const StandardOutput&) = delete;
    StandardOutput& operator=(const StandardOutput&) = delete;

    /// Writes what is left. The status to end the process with: `status`, or kExitStorage, with the
    /// reason on standard error, where that is 0 and something could not be written. A pipe that
    /// its reader has closed, or a terminal that is gone, is no error.
    int finish(int status);

private:
    int_type overflow(int_type character) override;
    int sync() override;
    bool writeOut();

    std::array<char, 16 * 1024> bytes_{};
    std::streambuf* before_;
    bool isTerminal_;  // when it was made: a closed one is no longer known as one
    int error_ = 0;    // errno of the first write that failed
};

}  // namespace parley::app
