#include <parley/core/limits.h>
#include <parley/gateway/history/history_tails.h>

#include <catch2/catch.hpp>

#include <string>

using namespace parley;

namespace {

constexpr std::int64_t kAgent = 7;
constexpr std::int64_t kCustomer = 8;

Event messageIn(const std::string& conversation, bool visible = true,
                std::int64_t author = kAgent) {
    Event event;
    event.type = EventType::messageSent;
    event.conversation = ConversationId::fromStored(conversation);
    event.conversationKey = {static_cast<std::int64_t>(conversation.size())};
    event.actorKey = {author};
    event.visible = visible;
    return event;
}

std::optional<std::string> read(HistoryTails& tails, const std::string& conversation, int limit,
                                int offset = 0, Viewer viewer = Viewer::of({1}, UserRole::agent)) {
    MessagePage page;
    page.limit = limit;
    page.offset = offset;
    return tails.page(ConversationId::fromStored(conversation), page,
                      [&](ConversationKey) { return viewer; });
}

}  // namespace

TEST_CASE("a page of the newest messages comes from the tail, oldest first") {
    HistoryTails tails;
    for (int i = 1; i <= 5; ++i) tails.add(messageIn("c"), i, std::to_string(i));
    CHECK(read(tails, "c", 2) == "[4,5]");
    CHECK(read(tails, "c", 2, 1) == "[3,4]");
    CHECK(read(tails, "c", 50) == "[1,2,3,4,5]");
    CHECK(read(tails, "c", 50, 5) == "[]");
    CHECK_FALSE(read(tails, "d", 1));
}

TEST_CASE("a tail that does not begin with the first message serves only what it holds") {
    HistoryTails tails;
    for (int i = 41; i <= 45; ++i) tails.add(messageIn("c"), i, std::to_string(i));
    CHECK(read(tails, "c", 5) == "[41,42,43,44,45]");
    CHECK_FALSE(read(tails, "c", 6));
    CHECK_FALSE(read(tails, "c", 5, 1));
}

TEST_CASE("a customer's page holds what a customer may see") {
    HistoryTails tails;
    tails.add(messageIn("c"), 1, "1");
    tails.add(messageIn("c", false), 2, "2");
    tails.add(messageIn("c", false, kCustomer), 3, "3");
    tails.add(messageIn("c"), 4, "4");
    CHECK(read(tails, "c", 50, 0, Viewer::of({kCustomer}, UserRole::customer)) == "[1,3,4]");
    CHECK(read(tails, "c", 2, 1, Viewer::of({kCustomer}, UserRole::customer)) == "[1,3]");
    CHECK(read(tails, "c", 50, 0, Viewer::of({0}, UserRole::customer)) == "[1,4]");
    CHECK(read(tails, "c", 50) == "[1,2,3,4]");
}

TEST_CASE("a gap in the numbers restarts a tail") {
    HistoryTails tails;
    tails.add(messageIn("c"), 1, "1");
    tails.add(messageIn("c"), 3, "3");
    CHECK(read(tails, "c", 1) == "[3]");
    CHECK_FALSE(read(tails, "c", 2));
}

TEST_CASE("pages by position are left to the log") {
    HistoryTails tails;
    tails.add(messageIn("c"), 1, "1");
    MessagePage page;
    page.before = Position{10};
    CHECK_FALSE(tails.page(ConversationId::fromStored("c"), page,
                           [](ConversationKey) { return Viewer{}; }));
}

TEST_CASE("a tail keeps no more messages and bytes than its limits") {
    HistoryTails tails;
    const auto messagesMax = static_cast<int>(limits::kHistoryTailMessagesMax);
    for (int i = 1; i <= messagesMax + 1; ++i) tails.add(messageIn("c"), i, "1");
    CHECK(read(tails, "c", messagesMax));
    CHECK_FALSE(read(tails, "c", messagesMax, 1));

    tails.add(messageIn("large"), 1, std::string(limits::kHistoryTailBytesMax, '1'));
    CHECK(read(tails, "large", 1));
    tails.add(messageIn("large"), 2, "2");
    CHECK(read(tails, "large", 1) == "[2]");
    CHECK_FALSE(read(tails, "large", 2));
    tails.add(messageIn("large"), 3, std::string(limits::kHistoryTailBytesMax + 1, '1'));
    CHECK_FALSE(read(tails, "large", 1));
}

TEST_CASE("all tails together stay within their limit; the longest inactive go first") {
    HistoryTails tails;
    const std::string json(100'000, '1');
    for (int i = 0; i < 2000; ++i) tails.add(messageIn("c" + std::to_string(i)), 1, json);
    CHECK(tails.bytes() <= limits::kHistoryTailsBytesMax);
    CHECK(tails.bytes() > limits::kHistoryTailsBytesMax / 2);
    CHECK(read(tails, "c1999", 1));
    CHECK_FALSE(read(tails, "c0", 1));
}

namespace {

Event messageAt(const std::string& conversation, std::int64_t position, bool visible = true) {
    auto event = messageIn(conversation, visible);
    event.position = {position};
    return event;
}

// "?" where not all is kept.
std::string since(const HistoryTails& tails, const std::string& conversation, std::int64_t after,
                  UserRole role = UserRole::agent) {
    const auto news = tails.since(ConversationId::fromStored(conversation), {after},
                                  [&](ConversationKey) { return Viewer::of({1}, role); });
    if (!news) return "?";
    std::string out;
    for (const auto& one : *news) out += one.json + ' ';
    return out;
}

}  // namespace

TEST_CASE("the messages since a position are returned completely or not at all") {
    HistoryTails tails;
    CHECK(since(tails, "c", 1).empty());  // nothing has been said since the start
    for (int i = 1; i <= 5; ++i)
        tails.add(messageAt("c", 10 * i, i != 4), 40 + i, std::to_string(i));
    CHECK(since(tails, "c", 30) == "4 5 ");
    CHECK(since(tails, "c", 30, UserRole::customer) == "5 ");
    CHECK(since(tails, "c", 50).empty());
    CHECK(since(tails, "c", 5) == "1 2 3 4 5 ");
    const std::string large(limits::kHistoryTailBytesMax + 1, 'x');
    tails.add(messageAt("c", 60), 46, large);  // too large to be kept
    CHECK(since(tails, "c", 59) == "?");
    CHECK(since(tails, "c", 60).empty());
    tails.add(messageAt("c", 70), 47, "7");
    CHECK(since(tails, "c", 59) == "?");
    CHECK(since(tails, "c", 60) == "7 ");
}

TEST_CASE("the messages of a conversation whose tail was dropped are unknown") {
    HistoryTails tails;
    const std::string large(200'000, 'x');
    constexpr int kConversations = 1000;  // more than the tails of all may hold
    for (int i = 0; i < kConversations; ++i) {
        tails.add(messageAt("c" + std::to_string(i), 100 + i), 1, large);
    }
    CHECK(since(tails, "c0", 99) == "?");
    CHECK(since(tails, "c0", 100 + kConversations).empty());
    tails.add(messageAt("c0", 5000), 2, "2");
    CHECK(since(tails, "c0", 99) == "?");
    CHECK(since(tails, "c0", 4000) == "2 ");
}
