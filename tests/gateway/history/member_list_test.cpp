#include "gateway/history/member_list.h"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace parley;

namespace {

struct Member {
    ConnectionId session;
    int role;
};

}  // namespace

TEST_CASE("a list of members holds each once, as it was put last, few or many") {
    // Grows past where the list gets its index, shrinks, grows again.
    for (const unsigned sessions : {3U, 40U, 500U}) {
        MemberList<Member> list;
        std::map<ConnectionId, int> expected;
        std::minstd_rand random(sessions);
        for (int i = 0; i < 20'000; ++i) {
            const ConnectionId session{1 + random() % sessions};
            const bool growing = (i / 2000) % 2 == 0;
            if (random() % 4 == (growing ? 0U : 1U) || (!growing && random() % 2 == 0)) {
                REQUIRE(list.remove(session) == (expected.erase(session) == 1));
            } else {
                REQUIRE(list.put({session, i}) == !expected.contains(session));
                expected[session] = i;
            }
            REQUIRE(list.size() == expected.size());
            REQUIRE(list.empty() == expected.empty());
            if (i % 50 != 0) continue;
            std::map<ConnectionId, int> found;
            for (const auto& member : list) found.emplace(member.session, member.role);
            REQUIRE(found == expected);
        }
    }
}
