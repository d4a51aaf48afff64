#include "gateway/clients/token_deadlines.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <random>
#include <vector>

using namespace parley;
using std::chrono::milliseconds;

namespace {

constexpr ConnectionId kAnn{1};
constexpr ConnectionId kBob{2};

}  // namespace

TEST_CASE("a token's end is announced before it comes, each once") {
    TokenDeadlines deadlines(milliseconds(60));
    deadlines.add(kAnn, {1000});
    CHECK(deadlines.next() == UnixMillis{940});
    CHECK_FALSE(deadlines.takeDue({939}));
    const auto warning = deadlines.takeDue({940});
    REQUIRE(warning);
    CHECK(warning->connection == kAnn);
    CHECK_FALSE(warning->ends);
    CHECK(warning->expires == UnixMillis{1000});
    CHECK_FALSE(deadlines.takeDue({999}));
    const auto end = deadlines.takeDue({1000});
    REQUIRE(end);
    CHECK(end->ends);
    CHECK(end->connection == kAnn);
    CHECK(deadlines.empty());
}

TEST_CASE("what is overdue comes at once, the announcement before the end") {
    TokenDeadlines deadlines(milliseconds(60));
    deadlines.add(kAnn, {1000});
    deadlines.add(kBob, {990});
    std::vector<TokenDeadlines::Due> taken;
    while (const auto due = deadlines.takeDue({5000})) taken.push_back(*due);
    REQUIRE(taken.size() == 4);
    CHECK(taken[0] == TokenDeadlines::Due{{930}, kBob, false, {990}});
    CHECK(taken[1] == TokenDeadlines::Due{{940}, kAnn, false, {1000}});
    CHECK(taken[2] == TokenDeadlines::Due{{990}, kBob, true, {990}});
    CHECK(taken[3] == TokenDeadlines::Due{{1000}, kAnn, true, {1000}});
}

TEST_CASE("without a warning there is only the end") {
    TokenDeadlines deadlines(milliseconds(0));
    deadlines.add(kAnn, {1000});
    CHECK_FALSE(deadlines.takeDue({999}));
    const auto end = deadlines.takeDue({1000});
    REQUIRE(end);
    CHECK(end->ends);
    CHECK(deadlines.empty());
}

TEST_CASE("nothing of a connection stays once it is removed, announced or not") {
    TokenDeadlines deadlines(milliseconds(60));
    deadlines.add(kAnn, {1000});
    deadlines.add(kBob, {1000});
    deadlines.remove(kAnn, {1000});
    CHECK(deadlines.size() == 1);
    REQUIRE(deadlines.takeDue({950}));
    deadlines.remove(kBob, {1000});
    CHECK(deadlines.empty());
    deadlines.remove(kBob, {1000});  // it has no deadline any more
    CHECK(deadlines.empty());
}

TEST_CASE("over a random life everybody still here ends in order, and nobody else") {
    TokenDeadlines deadlines(milliseconds(100));
    std::mt19937 random(11);
    std::map<std::uint64_t, std::int64_t> here;  // connection to end
    std::int64_t now = 0;
    std::size_t ended = 0;
    for (std::uint64_t i = 1; i <= 5000; ++i) {
        const auto expires = now + 1 + static_cast<std::int64_t>(random() % 1000);
        deadlines.add(ConnectionId{i}, {expires});
        here.emplace(i, expires);
        if (random() % 3 == 0) {
            const auto leaver = here.lower_bound(1 + random() % i);
            if (leaver != here.end()) {
                deadlines.remove(ConnectionId{leaver->first}, {leaver->second});
                here.erase(leaver);
            }
        }
        now += static_cast<std::int64_t>(random() % 5);
        while (const auto due = deadlines.takeDue({now})) {
            REQUIRE(here.at(due->connection.value) == due->expires.value);
            if (!due->ends) continue;
            REQUIRE(due->expires.value <= now);
            here.erase(due->connection.value);
            ++ended;
        }
        REQUIRE(deadlines.size() == here.size());
    }
    CHECK(ended > 1000);
}
