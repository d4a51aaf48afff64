#include <parley/domain/principal.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

ConversationId conversation(const char* id) {
    return ConversationId::fromStored(id);
}

Principal person(UserRole role) {
    return {.kind = PrincipalKind::person, .user = UserId::fromStored("anna"), .role = role};
}

}  // namespace

TEST_CASE("a token names any kind of principal but none") {
    for (std::size_t i = 0; i < kPrincipalKindNames.size(); ++i) {
        const auto kind = static_cast<PrincipalKind>(i);
        CHECK((parsePrincipalKind(principalKindName(kind)) == kind) ==
              (kind != PrincipalKind::none));
    }
    CHECK_FALSE(parsePrincipalKind("none"));
    CHECK_FALSE(parsePrincipalKind("operator_"));
    CHECK_FALSE(parsePrincipalKind(""));
}

TEST_CASE("persons act by their role, all others by their kind") {
    CHECK(actorOf(person(UserRole::customer)) == Actor::customer);
    CHECK(actorOf(person(UserRole::agent)) == Actor::agent);
    CHECK(actorOf(person(UserRole::supervisor)) == Actor::supervisor);
    CHECK(actorOf(Principal{}) == Actor::none);
    for (const auto kind : {PrincipalKind::robot, PrincipalKind::service, PrincipalKind::auditor,
                            PrincipalKind::operator_}) {
        const Actor actor = actorOf(Principal{.kind = kind});
        CHECK(actorName(actor) == principalKindName(kind));
    }
}

TEST_CASE("a list of conversations keeps everybody out of all others, except customers") {
    const std::vector listed{conversation("a"), conversation("c")};
    auto agent = person(UserRole::agent);
    CHECK_FALSE(isOutOfReach(agent, conversation("b")));
    agent.conversations = listed;
    CHECK(isOutOfReach(agent, conversation("b")));
    CHECK_FALSE(isOutOfReach(agent, conversation("c")));
    agent.conversations->clear();
    CHECK(isOutOfReach(agent, conversation("c")));

    auto customer = person(UserRole::customer);
    CHECK_FALSE(lists(customer, conversation("a")));
    customer.conversations = listed;
    CHECK(lists(customer, conversation("a")));
    CHECK_FALSE(lists(customer, conversation("b")));
    CHECK_FALSE(isOutOfReach(customer, conversation("b")));
}

TEST_CASE("only a service acts as other users, and only as those its roles allow") {
    const std::vector roles{UserRole::customer, UserRole::robot};
    const Principal service{.kind = PrincipalKind::service, .actsAs = roles};
    CHECK(mayActAs(service, UserRole::customer));
    CHECK(mayActAs(service, UserRole::robot));
    CHECK_FALSE(mayActAs(service, UserRole::agent));
    CHECK_FALSE(
        mayActAs(Principal{.kind = PrincipalKind::auditor, .actsAs = roles}, UserRole::customer));
}
