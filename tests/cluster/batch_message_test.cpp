#include <parley/cluster/batch_message.h>
#include <parley/core/hex.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

using namespace parley;

namespace {

template <std::size_t N>
std::array<std::uint8_t, N> filled(std::uint8_t byte) {
    std::array<std::uint8_t, N> bytes;
    bytes.fill(byte);
    return bytes;
}

StoredEvent storedEvent(std::int64_t position) {
    StoredEvent stored;
    stored.event.position = {position};
    stored.event.seq = {position};
    stored.event.type = EventType::messageSent;
    stored.event.at = {1'700'000'000'000};
    stored.event.conversationKey = {3};
    stored.event.conversation = ConversationId::fromStored("room");
    stored.event.actorKey = {5};
    stored.event.actor = UserId::fromStored("ann");
    stored.event.id = Uuid(filled<16>(0x11));
    stored.hash = filled<32>(0x22);
    stored.event.fingerprint = fingerprintOf(stored.hash);
    return stored;
}

/// An event with every field.
StoredEvent fullEvent(std::int64_t position) {
    auto stored = storedEvent(position);
    Event& event = stored.event;
    event.role = UserRole::agent;
    event.messageType = MessageType::text;
    event.toRole = UserRole::customer;
    event.visible = false;
    event.clientMessageId = ClientMessageId::fromStored("mine");
    event.original = Uuid(filled<16>(0x33));
    event.cause = "timeout";
    event.data = R"({"a":1})";
    event.content = "Grüß dich";
    stored.salt = filled<16>(0x44);
    stored.key = -7;
    stored.commitment = filled<32>(0x55);
    return stored;
}

BatchMessage batch() {
    BatchMessage message;
    message.incarnation = 2;
    message.epoch = 300;
    message.node = "a";
    message.after = {41};
    message.previous = filled<32>(0x66);
    message.events = {storedEvent(42), fullEvent(43)};
    return message;
}

std::string hexOf(std::string_view bytes) {
    return toHex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

BatchMessage decoded(std::string_view bytes) {
    auto message = decodeBatch(bytes);
    REQUIRE(message.ok());
    return std::move(*message);
}

}  // namespace

TEST_CASE("a batch message has these bytes") {
    auto message = batch();
    message.events.resize(1);
    CHECK(hexOf(encode(message)) ==
          "0103"  // format, kind
          "02ac0201"
          "61"
          "29"                                                                // to `after`
          "6666666666666666666666666666666666666666666666666666666666666666"  // previous
          "010304726f6f6d"                                                    // conversations
          "010503616e6e"                                                      // users
          "01"
          "0000"
          "2a0401"  // one event
          "80a0abfef962"
          "11111111111111111111111111111111"  // at, id
          "00"
          "00"
          "027b7d"  // has, cause, data
          "2222222222222222222222222222222222222222222222222222222222222222"
          "00"    // changes
          "00");  // outcomes
}

TEST_CASE("what was encoded is decoded to the same, every field of it") {
    const auto message = decoded(encode(batch()));
    CHECK(message.kind == BatchMessage::Kind::batch);
    CHECK(message.incarnation == 2);
    CHECK(message.epoch == 300);
    CHECK(message.node == "a");
    CHECK(message.after == Position{41});
    CHECK(message.previous == filled<32>(0x66));
    REQUIRE(message.events.size() == 2);
    CHECK(message.events[0].event.position == Position{42});
    CHECK_FALSE(message.events[0].event.content);
    CHECK_FALSE(message.events[0].salt);
    const auto full = fullEvent(43);
    const auto& stored = message.events[1];
    const Event& event = stored.event;
    CHECK(event.position == full.event.position);
    CHECK(event.conversation == full.event.conversation);
    CHECK(event.conversationKey == full.event.conversationKey);
    CHECK(event.actor == full.event.actor);
    CHECK(event.actorKey == full.event.actorKey);
    CHECK(event.seq == full.event.seq);
    CHECK(event.type == full.event.type);
    CHECK(event.version == full.event.version);
    CHECK(event.at == full.event.at);
    CHECK(event.id == full.event.id);
    CHECK(event.role == full.event.role);
    CHECK(event.messageType == full.event.messageType);
    CHECK(event.toRole == full.event.toRole);
    CHECK(event.visible == full.event.visible);
    CHECK(event.clientMessageId == full.event.clientMessageId);
    CHECK(event.original == full.event.original);
    CHECK(event.cause == full.event.cause);
    CHECK(event.data == full.event.data);
    CHECK(event.content == full.event.content);
    CHECK(stored.salt == full.salt);
    CHECK(stored.key == full.key);
    CHECK(stored.commitment == full.commitment);
    CHECK(stored.hash == full.hash);
}

TEST_CASE("an id that many events name is in the message once") {
    auto message = batch();
    message.events.clear();
    for (std::int64_t i = 0; i < 100; ++i) message.events.push_back(storedEvent(42 + i));
    const auto bytes = encode(message);
    CHECK(bytes.find("room") == bytes.rfind("room"));
    CHECK(decoded(bytes).events.size() == 100);
}

TEST_CASE("a message that was cut anywhere is refused") {
    const auto bytes = encode(batch());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        INFO("the first " << size << " bytes");
        CHECK_FALSE(decodeBatch(bytes.substr(0, size)).ok());
    }
    CHECK_FALSE(decodeBatch(bytes + '\0').ok());
}

TEST_CASE("no byte of a message can be changed without being noticed, or meaning something else") {
    const auto bytes = encode(batch());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const int change : {1, 0x80, 0xff}) {
            auto changed = bytes;
            changed[i] = static_cast<char>(changed[i] ^ change);
            const auto message = decodeBatch(changed);
            INFO("byte " << i);
            if (message) CHECK(encode(*message) == changed);
        }
    }
}

TEST_CASE("a message of a newer format, or with an unknown type of event, says so") {
    auto newer = encode(batch());
    newer[0] = 2;
    const auto refused = decodeBatch(newer);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message == "a batch message of format 2, and this program knows 1");

    auto message = batch();
    message.events.resize(1);
    auto bytes = encode(message);
    const auto type = bytes.find(std::string("\x2a\x04\x01", 3)) + 1;
    bytes[type] = 0x7f;
    const auto unknown = decodeBatch(bytes);
    REQUIRE_FALSE(unknown.ok());
    CHECK(unknown.error().code == ErrorCode::storage_damaged);
}

TEST_CASE("an epoch has no events, and a batch has some") {
    auto message = batch();
    message.kind = BatchMessage::Kind::epoch;
    CHECK_FALSE(decodeBatch(encode(message)).ok());
    message.events.clear();
    CHECK(decodeBatch(encode(message)).ok());
    message.kind = BatchMessage::Kind::batch;
    CHECK_FALSE(decodeBatch(encode(message)).ok());
}

TEST_CASE("a message without its node's name is refused") {
    auto message = batch();
    message.node.clear();
    CHECK_FALSE(decodeBatch(encode(message)).ok());
    message.node.assign(kNodeBytesMax + 1, 'n');
    CHECK_FALSE(decodeBatch(encode(message)).ok());
}
