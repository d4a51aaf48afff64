#include <parley/domain/event_type.h>
#include <parley/domain/roles.h>

#include <catch2/catch.hpp>

#include <set>

using namespace parley;

namespace {

// The place in the table is the number, so that looking a row up is one index.
template <typename Rows, typename Number>
constexpr bool isDense(const Rows& rows, Number number) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (static_cast<std::size_t>(number(rows[i])) != i + 1) return false;
    }
    return true;
}
static_assert(isDense(kEventTypes, [](const auto& row) { return row.type; }));
static_assert(isDense(kUserRoles, [](const auto& row) { return row.role; }));
static_assert(isDense(kMessageTypes, [](const auto& row) { return row.type; }));

}  // namespace

TEST_CASE("names of event types are unique, and numbers beyond the table are no type") {
    std::set<std::string_view> names;
    for (const auto& row : kEventTypes) {
        CHECK(names.insert(eventTypeName(row.type)).second);
        CHECK(eventTypeOf(static_cast<int>(row.type)) == row.type);
    }
    CHECK_FALSE(eventTypeOf(0));
    CHECK_FALSE(eventTypeOf(kEventTypeCount + 1));
    CHECK_FALSE(eventTypeOf(-1));
}

TEST_CASE("withType hands over the type that it was given") {
    for (const auto& row : kEventTypes) {
        CHECK(withType(row.type, [](auto type) { return type(); }) == row.type);
    }
}

TEST_CASE("messages, memberships and typing are told apart by the table") {
    CHECK(isMessage(EventType::messageSent));
    CHECK(isMessage(EventType::messageShared));
    CHECK(isMembership(EventType::participantJoined));
    CHECK(isMembership(EventType::participantLeft));
    CHECK(isTyping(EventType::typingStarted));
    CHECK(isTyping(EventType::typingStopped));
    for (const auto type : {EventType::conversationStarted, EventType::retentionApplied}) {
        CHECK_FALSE((isMessage(type) || isMembership(type) || isTyping(type)));
    }
}

TEST_CASE("names of roles and of kinds of messages are read as they are written") {
    for (const auto& row : kUserRoles) CHECK(parseRole(roleName(row.role)) == row.role);
    for (const auto& row : kMessageTypes) {
        CHECK(parseMessageType(messageTypeName(row.type)) == row.type);
    }
    CHECK_FALSE(parseRole("cx-nobody"));
    CHECK(roleName(static_cast<UserRole>(9)) == "unknown");
    CHECK_FALSE(isStaff(static_cast<UserRole>(9)));
    CHECK_FALSE(isStaff(UserRole::robot));
    CHECK(isStaff(UserRole::supervisor));
}
