#include "gateway/handshake.h"

#include "gateway/pid.h"

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("JavaScript clients take cursors, by their handshake's URL") {
    REQUIRE(takesCursors("EIO=4&transport=polling&t=abc123"));
    REQUIRE(takesCursors("EIO=4&transport=websocket"));
    REQUIRE(takesCursors("token=x&EIO=4&transport=polling&t=Nx"));
    REQUIRE(takesCursors("EIO=4"));
}

TEST_CASE("python-socketio does not, as its handlers have a fixed number of arguments") {
    REQUIRE_FALSE(takesCursors("transport=polling&EIO=4&t=1764083451.26"));
    REQUIRE_FALSE(takesCursors("transport=websocket&EIO=4"));
    REQUIRE_FALSE(takesCursors("token=x&transport=websocket&EIO=4"));
}

TEST_CASE("whoever says so in the URL decides for themselves") {
    REQUIRE_FALSE(takesCursors("recovery=0&EIO=4&transport=polling"));
    REQUIRE(takesCursors("recovery=1&transport=polling&EIO=4"));
    REQUIRE(takesCursors("recovery=2&EIO=4&transport=polling"));
}

TEST_CASE("a pid has 192 random bits in 32 characters, after its form") {
    SystemRandom random;
    const auto one = newPid(random);
    REQUIRE(one.size() == 34);
    REQUIRE(isPid(one));
    REQUIRE(one != newPid(random));
    REQUIRE(knowsFingerprints(one));
    REQUIRE_FALSE(isPid(one.substr(1)));
    REQUIRE_FALSE(isPid(one.substr(3)));
    REQUIRE_FALSE(isPid(one + "A"));
    REQUIRE_FALSE(isPid("\"" + one.substr(1)));
    // Those of versions before cursors had fingerprints are still taken, and told from these.
    const auto before = one.substr(2);
    REQUIRE(isPid(before));
    REQUIRE_FALSE(knowsFingerprints(before));
}
