#include "app/export/exported_log.h"

#include <parley/core/json.h>
#include <parley/core/time_text.h>

#include <algorithm>
#include <functional>
#include <set>

using namespace parley;
using namespace parley::test;

namespace {

constexpr UnixMillis kEnd{1'767'225'600'000};

ExportedLog& log() {
    static ExportedLog made(4'000);
    return made;
}

using Chosen = std::function<bool(const Json& event)>;

// The events' lines of an export, and those that it should have: the ones of the whole log that
// `chosen` takes.
void exportsExactly(const Selection& asked, const Chosen& chosen, std::size_t least = 1) {
    static const auto all = linesOf(exportOf(log().db()));
    auto lines = linesOf(exportOf(log().db(), asked));
    std::vector<std::string> expected;
    for (std::size_t i = 1; i + 1 < all.size(); ++i) {
        if (chosen(parseJson(all[i]).value())) expected.push_back(all[i]);
    }
    const Json end = parseJson(lines.back()).value();
    CHECK(end.at("events") == expected.size());
    CHECK(end.at("format") == "parley-export-end");
    lines.erase(lines.begin());
    lines.pop_back();
    CHECK(lines == expected);
    CHECK(expected.size() >= least);
}

std::string at(std::int64_t daysBeforeEnd) {
    return toIso8601({kEnd.value - daysBeforeEnd * 86'400'000});
}

}  // namespace

TEST_CASE("an export of conversations has all their events, in the log's order") {
    Selection asked;
    const std::set<std::string> wanted{"case-0000001", "case-0000017", "case-0000004"};
    for (const auto& id : wanted) {
        asked.filters.conversations.push_back(ConversationId::fromStored(id));
    }
    exportsExactly(
        asked, [&](const Json& event) { return wanted.contains(event.at("conversationId")); }, 50);
}

TEST_CASE("an export of a user has what the user did") {
    Selection asked;
    asked.filters.user = UserId::fromStored("customer-000001");
    exportsExactly(
        asked, [](const Json& event) { return event.at("actor") == "customer-000001"; }, 5);
}

TEST_CASE("an export of a time has the events from its first moment on and before its last") {
    Selection asked;
    asked.filters.from = UnixMillis{kEnd.value - 90 * 86'400'000LL};
    asked.filters.to = UnixMillis{kEnd.value - 30 * 86'400'000LL};
    exportsExactly(
        asked,
        [](const Json& event) { return event.at("at") >= at(90) && event.at("at") < at(30); }, 500);
    const auto second = parseJson(linesOf(exportOf(log().db()))[200]).value();
    const auto moment = second.at("at").get<std::string>();
    Selection one;
    const auto milliseconds = parseTime(moment, TimeZone::utc(), {}).value();
    one.filters.from = milliseconds;
    one.filters.to = UnixMillis{milliseconds.value + 1};
    exportsExactly(one, [&](const Json& event) { return event.at("at") == moment; });
    one.filters.to = one.filters.from;
    exportsExactly(
        one, [](const Json&) { return false; }, 0);
}

TEST_CASE("an export from a position has that event and the later ones") {
    Selection asked;
    asked.from = {3'990};
    exportsExactly(asked, [](const Json& event) { return event.at("position") >= 3'990; });
    asked.from = {4'004};  // the one after the last
    exportsExactly(
        asked, [](const Json&) { return false; }, 0);
    asked.from = {4'005};
    const auto beyond = ExportedEvents::open(log().db(), asked);
    REQUIRE_FALSE(beyond.ok());
    CHECK(beyond.error().message == "the log ends at position 4003");
}

TEST_CASE("filters hold together") {
    Selection asked;
    asked.filters.conversations = {ConversationId::fromStored("case-0000001")};
    asked.filters.user = UserId::fromStored("customer-000001");
    asked.from = {300};
    exportsExactly(asked, [](const Json& event) {
        return event.at("conversationId") == "case-0000001" &&
               event.at("actor") == "customer-000001" && event.at("position") >= 300;
    });
}

TEST_CASE("a customer's export has nothing that the customer may not see") {
    Selection asked;
    asked.filters.viewer = UserId::fromStored("customer-000001");
    asked.filters.role = UserRole::customer;
    const auto whole = linesOf(exportOf(log().db()));
    std::size_t hidden = 0;
    for (const auto& line : whole) {
        if (line.find("\"isVisible\":false") != std::string::npos) ++hidden;
    }
    REQUIRE(hidden > 100);
    const auto lines = linesOf(exportOf(log().db(), asked));
    CHECK(lines.size() > 10);
    std::set<std::string> theirs;
    for (const auto& line : whole) {
        const Json event = parseJson(line).value();
        if (event.value("actor", "") == "customer-000001") {
            theirs.insert(event.at("conversationId").get<std::string>());
        }
    }
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        const Json event = parseJson(lines[i]).value();
        INFO(lines[i]);
        CHECK(event.value("isVisible", true));
        CHECK(theirs.contains(event.at("conversationId").get<std::string>()));
    }
}

TEST_CASE("a supervisor's export has all but the system's own events") {
    Selection asked;
    asked.filters.viewer = UserId::fromStored("customer-000001");
    asked.filters.role = UserRole::supervisor;
    exportsExactly(
        asked, [](const Json& event) { return event.at("type") != "retention_applied"; }, 3'900);
}

TEST_CASE("a conversation or a user that the log does not know is refused by its name") {
    Selection asked;
    asked.filters.conversations = {ConversationId::fromStored("nowhere")};
    CHECK(ExportedEvents::open(log().db(), asked).error().message ==
          "the log has no conversation \"nowhere\"");
    Selection user;
    user.filters.user = UserId::fromStored("nobody");
    CHECK(ExportedEvents::open(log().db(), user).error().message ==
          "the log has no user \"nobody\"");
}
