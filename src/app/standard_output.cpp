#include "app/standard_output.h"

#include "app/commands.h"

#include <cerrno>
#include <cstring>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace parley::app {

StandardOutput::StandardOutput()
    : before_(std::cout.rdbuf(this)), isTerminal_(::isatty(STDOUT_FILENO) == 1) {
    setp(bytes_.data(), bytes_.data() + bytes_.size());
}

StandardOutput::~StandardOutput() {
    std::cout.rdbuf(before_);
}

int StandardOutput::finish(int status) {
    std::cout.flush();
    // No reader, or a terminal that has been closed (EIO): nobody misses anything.
    if (error_ == 0 || error_ == EPIPE || (error_ == EIO && isTerminal_)) return status;
    std::cerr << "parley: cannot write to standard output: " << std::strerror(error_) << '\n';
    return status == 0 ? kExitStorage : status;
}

StandardOutput::int_type StandardOutput::overflow(int_type character) {
    if (!writeOut()) return traits_type::eof();
    if (!traits_type::eq_int_type(character, traits_type::eof())) {
        sputc(traits_type::to_char_type(character));
    }
    return traits_type::not_eof(character);
}

int StandardOutput::sync() {
    return writeOut() ? 0 : -1;
}

bool StandardOutput::writeOut() {
    for (const char* from = pbase(); from < pptr() && error_ == 0;) {
        const auto n = ::write(STDOUT_FILENO, from, static_cast<std::size_t>(pptr() - from));
        if (n >= 0) {
            from += n;
        } else if (errno == EAGAIN) {  // somebody shares a terminal or pipe that does not block
            pollfd room{STDOUT_FILENO, POLLOUT, 0};
            ::poll(&room, 1, -1);
        } else if (errno != EINTR) {
            error_ = errno;
        }
    }
    setp(bytes_.data(), bytes_.data() + bytes_.size());
    return error_ == 0;
}

}  // namespace parley::app
