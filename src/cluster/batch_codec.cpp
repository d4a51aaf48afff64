#include "cluster/outcome_fields.h"

#include <parley/cluster/batch_message.h>
#include <parley/core/bytes.h>
#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/domain/event_type.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace parley {
namespace {

using value_codec::kNumbersMax;
using value_codec::readBytes;
using value_codec::readEnum;
using value_codec::readNumber;

// Which fields an event has.
constexpr std::uint64_t kRole = 1;
constexpr std::uint64_t kMessageType = 2;
constexpr std::uint64_t kToRole = 4;
constexpr std::uint64_t kVisible = 8;
constexpr std::uint64_t kClientMessageId = 16;
constexpr std::uint64_t kOriginal = 32;
constexpr std::uint64_t kContent = 64;
constexpr std::uint64_t kSalt = 128;
constexpr std::uint64_t kKey = 256;
constexpr std::uint64_t kCommitment = 512;
constexpr std::uint64_t kAllFields = 1023;

std::uint64_t presentIn(const StoredEvent& stored) {
    const Event& event = stored.event;
    return (event.role ? kRole : 0) | (event.messageType ? kMessageType : 0) |
           (event.toRole ? kToRole : 0) | (event.visible ? kVisible : 0) |
           (event.clientMessageId ? kClientMessageId : 0) | (event.original ? kOriginal : 0) |
           (event.content ? kContent : 0) | (stored.salt ? kSalt : 0) | (stored.key ? kKey : 0) |
           (stored.commitment ? kCommitment : 0);
}

/// The ids that events name, each once, in the order of first use.
template <typename Id, typename Key>
class Names {
public:
    void add(const Id& id, Key key) {
        if (index_.try_emplace(key, named_.size()).second) named_.emplace_back(key, &id);
    }
    std::size_t indexOf(Key key) const { return index_.at(key); }
    void write(ByteWriter& out) const {
        out.number(named_.size());
        for (const auto& [key, id] : named_) {
            out.number(static_cast<std::uint64_t>(key.value));
            out.text(id->str());
        }
    }

private:
    std::unordered_map<Key, std::size_t> index_;
    std::vector<std::pair<Key, const Id*>> named_;
};

using Conversations = Names<ConversationId, ConversationKey>;
using Users = Names<UserId, UserKey>;

void writeEvent(ByteWriter& out, const StoredEvent& stored) {
    const Event& event = stored.event;
    out.number(static_cast<std::uint64_t>(event.seq.value));
    out.number(static_cast<std::uint64_t>(event.type));
    out.number(event.version);
    out.signedNumber(event.at.value);
    out.raw(event.id.bytes());
    out.number(presentIn(stored));
    if (event.role) out.byte(static_cast<std::uint8_t>(*event.role));
    if (event.messageType) out.byte(static_cast<std::uint8_t>(*event.messageType));
    if (event.toRole) out.byte(static_cast<std::uint8_t>(*event.toRole));
    if (event.visible) out.byte(*event.visible ? 1 : 0);
    if (event.clientMessageId) out.text(event.clientMessageId->str());
    if (event.original) out.raw(event.original->bytes());
    out.text(event.cause);
    out.text(event.data);
    if (event.content) out.text(*event.content);
    if (stored.salt) out.raw(*stored.salt);
    if (stored.key) out.signedNumber(*stored.key);
    if (stored.commitment) out.raw(*stored.commitment);
    out.raw(stored.hash);
}

std::string readText(ByteReader& in, std::size_t bytesMax = value_codec::kTextMax) {
    return std::string(in.text(bytesMax));
}

template <typename Id, typename Key>
std::vector<std::pair<Key, Id>> readNames(ByteReader& in) {
    std::vector<std::pair<Key, Id>> named;
    const auto count = in.numberUpTo(in.left());
    for (std::uint64_t i = 0; i < count && !in.failed(); ++i) {
        const Key key{readNumber(in)};
        named.emplace_back(key, Id::fromStored(readText(in, limits::kIdBytesMax)));
    }
    return named;
}

/// What the lists of a message hold, for the events behind them.
struct Named {
    std::vector<std::pair<ConversationKey, ConversationId>> conversations;
    std::vector<std::pair<UserKey, UserId>> users;
};

template <typename List, typename Key, typename Id>
void readName(ByteReader& in, const List& list, Key& key, Id& id) {
    const auto index = in.number();
    if (index >= list.size()) return in.fail();
    std::tie(key, id) = list[static_cast<std::size_t>(index)];
}

void readFields(ByteReader& in, StoredEvent& stored) {
    Event& event = stored.event;
    const auto has = in.numberUpTo(kAllFields);
    if (has & kRole) event.role = readEnum<UserRole>(in, kUserRoles.size());
    if (has & kMessageType) event.messageType = readEnum<MessageType>(in, kMessageTypes.size());
    if (has & kToRole) event.toRole = readEnum<UserRole>(in, kUserRoles.size());
    if (has & kVisible) event.visible = in.numberUpTo(1) == 1;
    if (has & kClientMessageId) {
        event.clientMessageId = ClientMessageId::fromStored(readText(in, limits::kIdBytesMax));
    }
    if (has & kOriginal) event.original = Uuid(readBytes<16>(in));
    event.cause = readText(in);
    event.data = readText(in);
    if (has & kContent) event.content = readText(in);
    if (has & kSalt) stored.salt = readBytes<16>(in);
    if (has & kKey) stored.key = in.signedNumber();
    if (has & kCommitment) stored.commitment = readBytes<32>(in);
    stored.hash = readBytes<32>(in);
    event.fingerprint = fingerprintOf(stored.hash);
}

// Nothing: this program does not know the event's type.
std::optional<StoredEvent> readEvent(ByteReader& in, const Named& named, Position position) {
    StoredEvent stored;
    Event& event = stored.event;
    event.position = position;
    readName(in, named.conversations, event.conversationKey, event.conversation);
    readName(in, named.users, event.actorKey, event.actor);
    event.seq = {readNumber(in)};
    const auto type = eventTypeOf(readNumber(in));
    if (!type) return std::nullopt;
    event.type = *type;
    event.version =
        static_cast<std::uint32_t>(in.numberUpTo(std::numeric_limits<std::uint32_t>::max()));
    event.at = {in.signedNumber()};
    event.id = Uuid(readBytes<16>(in));
    readFields(in, stored);
    return stored;
}

Error noMessage(std::string why) {
    return {ErrorCode::invalid_value, "these bytes are no batch message: " + std::move(why)};
}

// An epoch and a genesis hold nothing, a batch something.
bool fitsItsKind(const BatchMessage& message) {
    const bool empty =
        message.events.empty() && message.changes.empty() && message.outcomes.empty();
    return (message.kind == BatchMessage::Kind::batch) != empty;
}

}  // namespace

std::string encode(const BatchMessage& message) {
    Conversations conversations;
    Users users;
    for (const auto& [event, key, salt, commitment, hash] : message.events) {
        conversations.add(event.conversation, event.conversationKey);
        users.add(event.actor, event.actorKey);
    }
    ByteWriter out;
    out.byte(kBatchFormat);
    out.byte(static_cast<std::uint8_t>(message.kind));
    out.number(message.incarnation);
    out.number(message.epoch);
    out.text(message.node);
    out.number(static_cast<std::uint64_t>(message.after.value));
    out.raw(message.previous);
    conversations.write(out);
    users.write(out);
    out.number(message.events.size());
    for (const auto& stored : message.events) {
        out.number(conversations.indexOf(stored.event.conversationKey));
        out.number(users.indexOf(stored.event.actorKey));
        writeEvent(out, stored);
    }
    value_codec::FieldWriter codec(out);
    codec(message.changes);
    codec(message.outcomes);
    return out.take();
}

Result<BatchMessage> decodeBatch(std::string_view bytes) {
    ByteReader in(bytes);
    const auto format = in.byte();
    if (!in.failed() && format != kBatchFormat) {
        return Error{ErrorCode::storage_damaged,
                     "a batch message of format " + std::to_string(format) +
                         ", and this program knows " + std::to_string(kBatchFormat)};
    }
    BatchMessage message;
    message.kind = readEnum<BatchMessage::Kind>(in, 3);
    message.incarnation = in.number();
    message.epoch = in.number();
    message.node = readText(in, kNodeBytesMax);
    message.after = {readNumber(in)};
    in.raw(message.previous);
    const Named named{readNames<ConversationId, ConversationKey>(in),
                      readNames<UserId, UserKey>(in)};
    const auto count = in.numberUpTo(in.left());
    for (std::uint64_t i = 1; i <= count && !in.failed(); ++i) {
        const Position position{message.after.value + static_cast<std::int64_t>(i)};
        auto stored = readEvent(in, named, position);
        if (!in.failed() && !stored) {
            return Error{ErrorCode::storage_damaged,
                         "a batch message has an event of a type that this program does not know"};
        }
        if (stored) message.events.push_back(std::move(*stored));
    }
    value_codec::FieldReader codec(in);
    codec(message.changes);
    codec(message.outcomes);
    if (!in.isComplete()) return noMessage("they end too early, or hold more or something else");
    if (message.node.empty() || !fitsItsKind(message)) return noMessage("its fields do not agree");
    // The lists have names that no event uses, or in another order.
    if (encode(message) != bytes) return noMessage("it has another form");
    return message;
}

}  // namespace parley
