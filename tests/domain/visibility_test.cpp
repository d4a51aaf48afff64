#include <parley/domain/visibility.h>

#include <catch2/catch.hpp>

using namespace parley;

TEST_CASE("what customers may see") {
    using enum UserRole;
    using Type = MessageType;
    REQUIRE(visibleToCustomers(agent, Type::text, {}, {}));
    REQUIRE(visibleToCustomers(supervisor, Type::system, {}, {}));
    REQUIRE(visibleToCustomers(agent, Type::text, customer, {}));
    REQUIRE(visibleToCustomers(customer, Type::text, robot, {}));
    REQUIRE_FALSE(visibleToCustomers(robot, Type::text, {}, true));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::robot, {}, {}));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::text, supervisor, {}));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::text, robot, true));
    REQUIRE_FALSE(visibleToCustomers(agent, Type::text, {}, false));
}

TEST_CASE("a customer never receives a note, but always what they wrote; staff receive all") {
    const UserKey author{7};
    REQUIRE_FALSE(visible(false, author, Viewer::of(UserKey{8}, UserRole::customer)));
    REQUIRE_FALSE(visible(false, author, Viewer::of(UserKey{0}, UserRole::customer)));
    REQUIRE(visible(false, author, Viewer::of(author, UserRole::customer)));
    REQUIRE(visible(true, author, Viewer::of(UserKey{8}, UserRole::customer)));
    for (const auto role : {UserRole::agent, UserRole::supervisor, UserRole::robot}) {
        REQUIRE(visible(false, author, Viewer::of(UserKey{8}, role)));
    }
}
