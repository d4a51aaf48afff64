#include <parley/domain/authorize.h>

#include <catch2/catch.hpp>

using namespace parley;

namespace {

const ConversationId kRoom = ConversationId::fromStored("room");

Principal person(UserRole role) {
    return {.kind = PrincipalKind::person, .user = UserId::fromStored("ann"), .role = role};
}

Principal listing(Principal principal, std::vector<ConversationId> conversations) {
    principal.conversations = std::move(conversations);
    return principal;
}

Permission ask(const Principal& principal, Action action, Relation relation,
               bool customersChooseIds = false) {
    return authorize({.principal = principal,
                      .conversation = kRoom,
                      .relation = relation,
                      .customersChooseIds = customersChooseIds},
                     action);
}

}  // namespace

TEST_CASE("without authentication every action is allowed in every relation") {
    for (std::size_t action = 0; action < kActionNames.size(); ++action) {
        for (int relation = 0; relation < 4; ++relation) {
            CHECK(authorize(Actor::none, static_cast<Action>(action),
                            static_cast<Relation>(relation)) == Permission::allowed);
        }
    }
    for (std::size_t action = 0; action < kServerActionNames.size(); ++action) {
        CHECK(authorize(Actor::none, static_cast<ServerAction>(action)) == Permission::allowed);
    }
}

TEST_CASE("an operator sees no conversation and no figures, only metrics") {
    for (std::size_t action = 0; action < kActionNames.size(); ++action) {
        CHECK(authorize(Actor::operator_, static_cast<Action>(action), Relation::takesPart) ==
              Permission::forbidden);
    }
    CHECK(authorize(Actor::operator_, ServerAction::watchDashboard) == Permission::forbidden);
    CHECK(authorize(Actor::operator_, ServerAction::readMetrics) == Permission::allowed);
}

TEST_CASE("a customer starts with an id of its own only where customers choose ids") {
    const auto customer = person(UserRole::customer);
    for (const auto action : {Action::start, Action::join, Action::send}) {
        CHECK(ask(customer, action, Relation::absent) == Permission::notFound);
        CHECK(ask(customer, action, Relation::absent, true) == Permission::starts);
        CHECK(ask(person(UserRole::agent), action, Relation::absent) == Permission::starts);
    }
}

TEST_CASE("a customer whose token lists a conversation enters it, and reads nothing before") {
    const auto guest = listing(person(UserRole::customer), {kRoom});
    CHECK(ask(guest, Action::join, Relation::stranger) == Permission::allowed);
    CHECK(ask(guest, Action::send, Relation::stranger) == Permission::allowed);
    CHECK(ask(guest, Action::join, Relation::absent) == Permission::starts);
    CHECK(ask(guest, Action::readMessages, Relation::stranger) == Permission::notFound);
    CHECK(ask(guest, Action::see, Relation::stranger) == Permission::notFound);
    CHECK(ask(guest, Action::sendHidden, Relation::stranger) == Permission::notFound);
}

TEST_CASE("a list does not bring back a customer that another user removed") {
    const auto guest = listing(person(UserRole::customer), {kRoom});
    CHECK(authorize({.principal = guest,
                     .conversation = kRoom,
                     .relation = Relation::stranger,
                     .removed = true},
                    Action::join) == Permission::notFound);
}

TEST_CASE("a token that lists conversations watches no dashboard, unless it is a customer's") {
    const auto agent = person(UserRole::agent);
    CHECK(authorize(agent, ServerAction::watchDashboard) == Permission::allowed);
    CHECK(authorize(listing(agent, {kRoom}), ServerAction::watchDashboard) ==
          Permission::forbidden);
    CHECK(authorize(listing(agent, {kRoom}), ServerAction::listConversations) ==
          Permission::allowed);
}

TEST_CASE("what a token's list lacks does not exist, and cannot be started") {
    const auto other = ConversationId::fromStored("other");
    for (const auto role : {UserRole::agent, UserRole::supervisor}) {
        const auto bound = listing(person(role), {other});
        for (const auto relation : {Relation::takesPart, Relation::stranger, Relation::absent}) {
            CHECK(ask(bound, Action::join, relation, true) == Permission::notFound);
            CHECK(ask(bound, Action::readMessages, relation, true) == Permission::notFound);
        }
    }
    const auto customer = listing(person(UserRole::customer), {other});
    CHECK(ask(customer, Action::readMessages, Relation::takesPart) == Permission::allowed);
}

TEST_CASE("a refusal says what the permission is, and not found in the words for no conversation") {
    const auto user = UserId::fromStored("ann");
    CHECK(refusalOf(Permission::allowed, kRoom, user).ok());
    CHECK(refusalOf(Permission::untilLeft, kRoom, user).ok());
    CHECK(refusalOf(Permission::starts, kRoom, user).ok());
    CHECK(refusalOf(Permission::forbidden, kRoom, user).error().code == ErrorCode::forbidden);
    CHECK(refusalOf(Permission::notParticipant, kRoom, user).error().code ==
          ErrorCode::not_participant);
    CHECK(refusalOf(Permission::notFound, kRoom, user).error().message ==
          "there is no conversation \"room\"");
}
