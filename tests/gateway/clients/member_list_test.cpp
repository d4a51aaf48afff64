#include "gateway/clients/member_list.h"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using namespace parley;

namespace {

struct Member {
    ConnectionId connection;
    int role;
};

}  // namespace

TEST_CASE("a list of members holds each once, as it was put last, few or many") {
    // Grows past where the list gets its index, shrinks, grows again.
    for (const unsigned connections : {3U, 40U, 500U}) {
        MemberList<Member> list;
        std::map<ConnectionId, int> expected;
        std::minstd_rand random(connections);
        for (int i = 0; i < 20'000; ++i) {
            const ConnectionId connection{1 + random() % connections};
            const bool growing = (i / 2000) % 2 == 0;
            if (random() % 4 == (growing ? 0U : 1U) || (!growing && random() % 2 == 0)) {
                REQUIRE(list.remove(connection) == (expected.erase(connection) == 1));
            } else {
                REQUIRE(list.put({connection, i}) == !expected.contains(connection));
                expected[connection] = i;
            }
            REQUIRE(list.size() == expected.size());
            REQUIRE(list.empty() == expected.empty());
            if (i % 50 != 0) continue;
            std::map<ConnectionId, int> found;
            for (const auto& member : list) found.emplace(member.connection, member.role);
            REQUIRE(found == expected);
        }
    }
}
