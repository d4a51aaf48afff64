#include "auth/mint.h"

#include <parley/auth/authenticator.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>
#include <vector>

using namespace parley;
using namespace parley::auth;
using Catch::Matchers::Contains;

namespace {

constexpr UnixMillis kNow{1'700'000'000'000};
const std::string kOtherSecret = "fedcba9876543210fedcba9876543210";

std::string setOf(std::initializer_list<std::string> secrets) {
    std::string keys;
    for (const auto& secret : secrets) {
        keys += (keys.empty() ? "" : ",") + mint::octJwk(secret) + "}";
    }
    return R"({"keys":[)" + keys + "]}";
}

std::string tokenOf(const std::string& user, const std::string& more = {},
                    const std::string& secret = mint::kSecret) {
    return mint::hmac(R"({"alg":"HS256"})",
                      R"({"sub":")" + user +
                          R"(","role":"cx-agent","exp":1700003600,"iat":1699999000)" + more + '}',
                      secret);
}

/// An authenticator over files that a test writes anew.
struct World {
    TempFolder folder;
    ManualClock clock{kNow};
    std::unique_ptr<Authenticator> auth;

    World() { reopen({}); }

    void reopen(Options options) {
        options.keyFiles = {keys(setOf({mint::kSecret}))};
        options.revokedFile = revoked("");
        auto opened = Authenticator::open(std::move(options), clock);
        REQUIRE(opened);
        auth = std::move(*opened);
    }
    std::string keys(std::string_view text) { return mint::file(folder, "keys.json", text); }
    std::string revoked(std::string_view text) { return mint::file(folder, "revoked", text); }

    /// "good", or the name of the fault.
    std::string_view verdictOn(const std::string& token) {
        const auto verdict = auth->verify(token);
        return verdict ? "good" : tokenFaultName(verdict.fault);
    }
    std::string_view faultOf(const Principal& principal) {
        const auto fault = auth->faultOf(principal);
        return fault ? tokenFaultName(*fault) : "none";
    }
};

}  // namespace

TEST_CASE_METHOD(World, "a token is verified once, and remembered until its end") {
    const auto first = auth->verify(tokenOf("anna"));
    REQUIRE(first);
    CHECK(first.principal->user.str() == "anna");
    const auto again = auth->verify(tokenOf("anna"));
    CHECK(again.principal == first.principal);
    CHECK(auth->accepted() == 2);
    CHECK(auth->remembered() == 1);

    clock.advance(std::chrono::seconds(3600));
    const auto late = auth->verify(tokenOf("anna"));  // within the skew
    REQUIRE(late);
    CHECK_FALSE(late.principal == first.principal);
    CHECK(auth->remembered() == 1);
    clock.advance(std::chrono::seconds(60));
    CHECK(verdictOn(tokenOf("anna")) == "expired");
}

TEST_CASE_METHOD(World, "a refused token is not remembered, but counted by its fault") {
    for (int i = 0; i < 3; ++i) {
        CHECK(verdictOn(tokenOf("anna", "", kOtherSecret)) == "signature");
    }
    CHECK(verdictOn("") == "missing");
    CHECK(verdictOn(std::string(8001, 'a')) == "too_long");
    CHECK(auth->refused(TokenFault::signature) == 3);
    CHECK(auth->refused(TokenFault::missing) == 1);
    CHECK(auth->refused(TokenFault::tooLong) == 1);
    CHECK(auth->refused(TokenFault::expired) == 0);
    CHECK(auth->accepted() == 0);
}

TEST_CASE_METHOD(World, "without room to remember each token is verified anew") {
    reopen({.cachedTokensMax = 0});
    CHECK_FALSE(auth->verify(tokenOf("anna")).principal == auth->verify(tokenOf("anna")).principal);
    CHECK(auth->remembered() == 0);
}

TEST_CASE_METHOD(World, "a reload exchanges keys, and says which live principals are gone") {
    const auto before = auth->verify(tokenOf("anna"));
    REQUIRE(before);
    CHECK(faultOf(*before.principal) == "none");

    keys(setOf({mint::kSecret, kOtherSecret}));
    REQUIRE(auth->reload());
    CHECK(verdictOn(tokenOf("anna")) == "good");
    CHECK(verdictOn(tokenOf("bob", "", kOtherSecret)) == "good");
    CHECK(faultOf(*before.principal) == "none");

    keys(setOf({kOtherSecret}));
    REQUIRE(auth->reload());
    CHECK(verdictOn(tokenOf("anna")) == "signature");
    CHECK(faultOf(*before.principal) == "unknown_key");
    CHECK(faultOf(*auth->verify(tokenOf("bob", "", kOtherSecret)).principal) == "none");
}

TEST_CASE_METHOD(World, "a reload revokes tokens that are remembered and live") {
    const auto anna = auth->verify(tokenOf("anna", R"(,"jti":"t1")"));
    const auto bob = auth->verify(tokenOf("bob"));
    REQUIRE((anna && bob));
    revoked("{\"jti\":\"t1\"}\n{\"sub\":\"bob\",\"notBefore\":1699999000}\n");
    REQUIRE(auth->reload());
    CHECK(verdictOn(tokenOf("anna", R"(,"jti":"t1")")) == "revoked");
    CHECK(verdictOn(tokenOf("anna", R"(,"jti":"t2")")) == "good");
    CHECK(faultOf(*anna.principal) == "revoked");
    CHECK(verdictOn(tokenOf("bob")) == "good");  // made at that very second
    revoked("{\"sub\":\"bob\",\"notBefore\":1699999001}\n");
    REQUIRE(auth->reload());
    CHECK(verdictOn(tokenOf("bob")) == "revoked");
    CHECK(faultOf(*bob.principal) == "revoked");
    CHECK(faultOf(*anna.principal) == "none");
}

TEST_CASE_METHOD(World, "one number stands for all that tokens are checked by") {
    const auto first = auth->rulesHash();
    CHECK(first != 0);
    keys(setOf({mint::kSecret, kOtherSecret}));
    REQUIRE(auth->reload());
    const auto two = auth->rulesHash();
    CHECK(two != first);
    keys(setOf({kOtherSecret, mint::kSecret}));  // the same in another order
    REQUIRE(auth->reload());
    CHECK(auth->rulesHash() == two);
    revoked("{\"jti\":\"t1\"}\n{\"jti\":\"t2\"}\n");
    REQUIRE(auth->reload());
    const auto revokes = auth->rulesHash();
    CHECK(revokes != two);
    revoked("{\"jti\":\"t2\"}\n\n{\"jti\":\"t1\"}\n");
    REQUIRE(auth->reload());
    CHECK(auth->rulesHash() == revokes);
    reopen({.issuer = "someone"});
    CHECK(auth->rulesHash() != first);
}

TEST_CASE_METHOD(World, "a reload that fails changes nothing, and says which file is wrong") {
    keys(setOf({kOtherSecret}));
    revoked("{\"jti\":\"t1\"}\nnonsense\n");
    const auto badList = auth->reload();
    REQUIRE_FALSE(badList);
    CHECK_THAT(badList.error().message,
               Contains("auth.revoked: ") && Contains("revoked: line 2: "));
    keys("{}");
    revoked("");
    const auto badKeys = auth->reload();
    REQUIRE_FALSE(badKeys);
    CHECK_THAT(badKeys.error().message, Contains("auth.keys: ") && Contains("keys.json: "));
    CHECK(verdictOn(tokenOf("anna", R"(,"jti":"t1")")) == "good");
    CHECK(verdictOn(tokenOf("bob", "", kOtherSecret)) == "signature");
}

TEST_CASE_METHOD(World, "files that were read count once they are used") {
    keys(setOf({kOtherSecret}));
    auto files = auth->readFiles();
    REQUIRE(files);
    CHECK(verdictOn(tokenOf("anna")) == "good");
    auth->use(std::move(*files));
    CHECK(verdictOn(tokenOf("anna")) == "signature");
    CHECK(verdictOn(tokenOf("bob", "", kOtherSecret)) == "good");
}

TEST_CASE_METHOD(World, "a live principal ends with its token") {
    const auto anna = auth->verify(tokenOf("anna"));
    clock.advance(std::chrono::seconds(3599));
    CHECK(faultOf(*anna.principal) == "none");
    clock.advance(std::chrono::seconds(1));
    CHECK(faultOf(*anna.principal) == "expired");
}

TEST_CASE("without keys no authenticator opens") {
    const ManualClock clock;
    const auto opened = Authenticator::open({}, clock);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message, Contains("auth.keys: there are no keys"));
}

TEST_CASE_METHOD(World, "tokens are verified while files are loaded again") {
    constexpr int kRounds = 200;
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> loops;
    for (int i = 0; i < 3; ++i) {
        loops.emplace_back([&, user = "user" + std::to_string(i)] {
            const auto token = tokenOf(user);
            const auto forged = tokenOf(user, "", kOtherSecret);
            while (!done) {
                const auto verdict = auth->verify(token);
                if (!verdict || verdict.principal->user.str() != user) ++wrong;
                if (verdict && auth->faultOf(*verdict.principal)) ++wrong;
                if (auth->verify(forged)) ++wrong;
            }
        });
    }
    for (int i = 0; i < kRounds; ++i) {
        if (!auth->reload()) ++wrong;
        std::this_thread::yield();
    }
    done = true;
    for (auto& loop : loops) loop.join();
    CHECK(wrong == 0);
    CHECK(auth->accepted() > 0);
}
