#include "gateway/clients/handshake.h"

#include "gateway/clients/pid.h"

#include <catch2/catch.hpp>

using namespace parley;

namespace {

const std::string kPid(34, 'x');

bool asked(const Json& auth, RecoveryWish inUrl = std::nullopt) {
    return takesCursors(RecoveryFor::asked, inUrl, auth);
}

Json withPid(Json auth = Json::object()) {
    SystemRandom random;
    auth["pid"] = newPid(random);
    return auth;
}

}  // namespace

TEST_CASE("a client that asks for cursors is given them, and no other") {
    REQUIRE(asked({{"recovery", true}}));
    REQUIRE(asked({{"token", "x"}, {"recovery", true}}));
    REQUIRE(asked(Json(), true));
    REQUIRE(asked(withPid()));
    REQUIRE(asked(withPid({{"offset", "nonsense"}})));
    REQUIRE_FALSE(asked(Json()));
    REQUIRE_FALSE(asked(Json::object()));
    REQUIRE_FALSE(asked({{"token", "x"}, {"recovery", false}}));
}

TEST_CASE("a wish that is malformed asks for nothing") {
    for (const Json& value : {Json("true"), Json(1), Json(), Json::array({true}), Json::object()}) {
        REQUIRE_FALSE(asked({{"recovery", value}}));
    }
    for (const Json& auth : {Json("recovery"), Json::array({"recovery", true}), Json(true)}) {
        REQUIRE_FALSE(asked(auth));
    }
    for (const Json& pid : {Json(""), Json("xyz"), Json(17), Json::array({kPid})}) {
        REQUIRE_FALSE(asked({{"pid", pid}}));
    }
    REQUIRE_FALSE(recoveryWishIn("recovery=true&EIO=4&transport=polling"));
    REQUIRE_FALSE(recoveryWishIn("recovery&xrecovery=1&EIO=4"));
}

TEST_CASE("recovery is found in the URL's parameters in any order") {
    REQUIRE(recoveryWishIn("EIO=4&transport=polling&t=abc&recovery=1") == true);
    REQUIRE(recoveryWishIn("recovery=0&transport=websocket&EIO=4") == false);
    REQUIRE(recoveryWishIn("EIO=4&transport=polling") == std::nullopt);
    REQUIRE(recoveryWishIn("transport=polling&EIO=4") == std::nullopt);
    REQUIRE(recoveryWishIn("") == std::nullopt);
}

TEST_CASE("what CONNECT says counts more than the URL, and a refusal more than a pid") {
    REQUIRE_FALSE(asked({{"recovery", false}}, true));
    REQUIRE(asked({{"recovery", true}}, false));
    REQUIRE(asked({{"recovery", "no"}}, true));
    REQUIRE_FALSE(asked(withPid(), false));
    REQUIRE_FALSE(asked(withPid({{"recovery", false}})));
}

TEST_CASE("for all: every client except those that decline; for none: no client, even with a pid") {
    REQUIRE(takesCursors(RecoveryFor::all, std::nullopt, Json()));
    REQUIRE_FALSE(takesCursors(RecoveryFor::all, false, Json()));
    REQUIRE_FALSE(takesCursors(RecoveryFor::all, std::nullopt, {{"recovery", false}}));
    REQUIRE_FALSE(takesCursors(RecoveryFor::none, true, withPid({{"recovery", true}})));
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
