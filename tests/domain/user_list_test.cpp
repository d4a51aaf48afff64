#include <parley/domain/user_list.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <string>

using namespace parley;

namespace {

struct One {
    UserId user;
    int value;
};

std::vector<std::pair<std::string, int>> contents(const UserList<One>& list) {
    std::vector<std::pair<std::string, int>> all;
    for (const auto& one : list) all.emplace_back(one.user.str(), one.value);
    return all;
}

}  // namespace

TEST_CASE("a list of users keeps the order in which they were added, few or many") {
    for (const unsigned users : {4U, 50U, 400U}) {
        UserList<One> list;
        std::vector<std::pair<std::string, int>> expected;
        std::minstd_rand random(users);
        for (int i = 0; i < 8000; ++i) {
            // Mostly adds, then mostly removes, then again.
            const bool growing = (i / 1000) % 2 == 0;
            const auto name = "u" + std::to_string(random() % users);
            const auto user = UserId::fromStored(name);
            const auto known = std::find_if(expected.begin(), expected.end(),
                                            [&](const auto& one) { return one.first == name; });
            REQUIRE((list.find(user) != nullptr) == (known != expected.end()));
            if (random() % 8 == 0 && known != expected.end()) {
                list.find(user)->value = known->second = i;
            } else if (growing == (random() % 4 != 0)) {
                if (known == expected.end()) {
                    list.add({user, i});
                    expected.emplace_back(name, i);
                }
            } else {
                list.remove(user);
                if (known != expected.end()) expected.erase(known);
            }
            REQUIRE(list.size() == expected.size());
            REQUIRE(list.empty() == expected.empty());
            if (i % 20 == 0) REQUIRE(contents(list) == expected);
        }
        const UserList<One> copy = list;
        REQUIRE(contents(copy) == expected);
    }
}
