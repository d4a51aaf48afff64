#include "app/signals.h"

#include <catch2/catch.hpp>

using namespace parley::app;
using std::chrono::milliseconds;

TEST_CASE("signals to stop within a second of the first are one request, whichever they are") {
    SignalRule rule(true);
    CHECK(rule.of(SIGINT, milliseconds(5000)) == SignalMeaning::stop);
    CHECK(rule.of(SIGTERM, milliseconds(5000)) == SignalMeaning::repeated);
    CHECK(rule.of(SIGHUP, milliseconds(5500)) == SignalMeaning::repeated);
    CHECK(rule.of(SIGTERM, milliseconds(5999)) == SignalMeaning::repeated);
    CHECK(rule.of(SIGTERM, milliseconds(6000)) == SignalMeaning::endAtOnce);
}

TEST_CASE("a hangup is a request to stop where a terminal was closed, else one to reload") {
    SignalRule terminal(true);
    CHECK(terminal.of(SIGHUP, milliseconds(0)) == SignalMeaning::stop);
    CHECK(terminal.of(SIGHUP, milliseconds(2000)) == SignalMeaning::endAtOnce);

    SignalRule daemon(false);
    CHECK(daemon.of(SIGHUP, milliseconds(0)) == SignalMeaning::reload);
    CHECK(daemon.of(SIGTERM, milliseconds(0)) == SignalMeaning::stop);
    CHECK(daemon.of(SIGHUP, milliseconds(2000)) == SignalMeaning::reload);
    CHECK(daemon.of(SIGINT, milliseconds(2000)) == SignalMeaning::endAtOnce);
}

TEST_CASE("SIGUSR1 asks for the state, before and after a request to stop, and counts as none") {
    SignalRule rule(true);
    CHECK(rule.of(SIGUSR1, milliseconds(0)) == SignalMeaning::tellState);
    CHECK(rule.of(SIGTERM, milliseconds(5000)) == SignalMeaning::stop);
    CHECK(rule.of(SIGUSR1, milliseconds(9000)) == SignalMeaning::tellState);
}
