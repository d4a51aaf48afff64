#include "engine/fatal.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace parley;

namespace {

// The exit status of a process that lost its storage.
int statusWith(const EngineOptions& options) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGABRT, SIG_DFL);  // Catch2 would report the signal as a failure
        endProcess(options, "the disk is lost");
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
}

}  // namespace

TEST_CASE("an engine whose storage failed ends the process, even if its handler returns") {
    EngineOptions options;
    SECTION("no handler is set") {
        const int status = statusWith(options);
        REQUIRE(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGABRT);
    }
    SECTION("the handler returns, which it must not") {
        options.onFatal = [](const std::string&) {};
        const int status = statusWith(options);
        REQUIRE(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGABRT);
    }
    SECTION("the handler ends the process itself") {
        options.onFatal = [](const std::string&) { ::_exit(74); };
        const int status = statusWith(options);
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 74);
    }
}
