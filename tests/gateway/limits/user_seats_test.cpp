#include "gateway/limits/user_seats.h"

#include <catch2/catch.hpp>

#include <random>
#include <utility>
#include <vector>

using namespace parley;

namespace {

Principal somebody(std::string_view name, PrincipalKind kind = PrincipalKind::person) {
    return {.kind = kind, .user = *UserId::parse(name, "user")};
}

}  // namespace

TEST_CASE("a user has as many seats as there may be, and each that is left is free again") {
    UserSeats seats(2);
    auto first = seats.enter(somebody("ann"));
    auto second = seats.enter(somebody("ann"));
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(seats.enter(somebody("ann")));
    CHECK(seats.enter(somebody("bob")));
    CHECK(seats.enter(somebody("ann", PrincipalKind::robot)));
    first.leave();
    first.leave();
    auto third = seats.enter(somebody("ann"));
    CHECK(third);
    CHECK_FALSE(seats.enter(somebody("ann")));
}

TEST_CASE("a seat that is moved counts once, and one that is replaced is left") {
    UserSeats seats(1);
    auto seat = seats.enter(somebody("ann"));
    UserSeats::Seat moved(std::move(seat));
    CHECK_FALSE(seats.enter(somebody("ann")));
    moved = seats.enter(somebody("bob"));
    CHECK(seats.size() == 1);
    CHECK(seats.enter(somebody("ann")));
    moved = {};
    CHECK(seats.size() == 0);
}

TEST_CASE("services and a server without the limit are not counted") {
    CHECK_FALSE(UserSeats(2).counts(somebody("back-end", PrincipalKind::service)));
    CHECK_FALSE(UserSeats(0).counts(somebody("ann")));
    CHECK(UserSeats(2).counts(somebody("ann")));
    CHECK(UserSeats(2).counts(somebody("eve", PrincipalKind::auditor)));
}

TEST_CASE("after any number of entries and leaves nobody is left") {
    std::mt19937 random(5);
    UserSeats seats(7);
    std::vector<UserSeats::Seat> taken;
    for (int i = 0; i < 5000; ++i) {
        const auto name = std::string(1, static_cast<char>('a' + random() % 3));
        if (random() % 2 == 0 || taken.empty()) {
            auto seat = seats.enter(somebody(name));
            if (seat) taken.push_back(std::move(seat));
        } else {
            std::swap(taken[random() % taken.size()], taken.back());
            taken.pop_back();
        }
        REQUIRE(taken.size() <= 21);
    }
    taken.clear();
    CHECK(seats.size() == 0);
}
