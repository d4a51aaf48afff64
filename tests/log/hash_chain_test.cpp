#include <parley/core/hex.h>
#include <parley/log/hash_chain.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

using namespace parley;

namespace {

// The bytes of one line of the worked example in docs/format/event-log.md, as hex.
std::string documented(const std::string& name) {
    std::ifstream file(PARLEY_SOURCE_DIR "/docs/format/event-log.md");
    std::stringstream text;
    text << file.rdbuf();
    std::smatch found;
    const std::string all = text.str();
    const auto example = all.substr(all.find("## Example"));
    REQUIRE(std::regex_search(example, found,
                              std::regex("\\n" + name + " +([0-9a-f ]+(\\n +[0-9a-f ]+)*)")));
    std::string hex = found[1];
    std::erase_if(hex, [](char c) { return c == ' ' || c == '\n'; });
    return hex;
}

Event exampleEvent() {
    Event event;
    event.position = {1};
    event.conversation = ConversationId::fromStored("c1");
    event.seq = {1};
    event.type = EventType::conversationStarted;
    event.at = {1'700'000'000'000};
    event.actor = UserId::fromStored("anna");
    event.id = *Uuid::parse("018bcfe5-6800-7000-8000-000000000001");
    event.role = UserRole::customer;
    return event;
}

std::string headerOf(const Event& event) {
    std::string header;
    encodeHeader(header, event, std::nullopt);
    return header;
}

}  // namespace

TEST_CASE("the worked example of the log's format is what the program computes") {
    const Event event = exampleEvent();
    const auto header = headerOf(event);
    const std::span headerBytes(reinterpret_cast<const std::uint8_t*>(header.data()),
                                header.size());
    HashChain chain;
    const auto commitment = chain.commitment(event.data, "", "");
    REQUIRE(toHex(headerBytes) == documented("header"));
    REQUIRE(toHex(commitment) == documented("commitment"));
    REQUIRE(toHex(chain.hash({}, event, std::nullopt, commitment)) == documented("hash"));
}

TEST_CASE("every fact of an event changes its header") {
    const auto original = headerOf(exampleEvent());
    const auto changed = [&](auto change) {
        Event event = exampleEvent();
        change(event);
        return headerOf(event) != original;
    };
    REQUIRE(changed([](Event& e) { e.position = {2}; }));
    REQUIRE(changed([](Event& e) { e.conversation = ConversationId::fromStored("c2"); }));
    REQUIRE(changed([](Event& e) { e.seq = {2}; }));
    REQUIRE(changed([](Event& e) { e.type = EventType::messageSent; }));
    REQUIRE(changed([](Event& e) { e.version = 2; }));
    REQUIRE(changed([](Event& e) { e.at = {1}; }));
    REQUIRE(changed([](Event& e) { e.actor = UserId::fromStored("bob"); }));
    REQUIRE(changed([](Event& e) { e.id = Uuid{}; }));
    REQUIRE(changed([](Event& e) { e.role.reset(); }));
    REQUIRE(changed([](Event& e) { e.messageType = MessageType::text; }));
    REQUIRE(changed([](Event& e) { e.toRole = UserRole::robot; }));
    REQUIRE(changed([](Event& e) { e.visible = false; }));
    REQUIRE(changed([](Event& e) { e.clientMessageId = ClientMessageId::fromStored("m"); }));
    REQUIRE(changed([](Event& e) { e.original = Uuid{}; }));
    REQUIRE(changed([](Event& e) { e.cause = "timeout"; }));
}
