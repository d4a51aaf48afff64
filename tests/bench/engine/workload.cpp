#include "workload.h"

namespace parley::bench {
namespace {

constexpr std::size_t contentBytes = 128;
constexpr std::uint32_t peoplePerConversation = 4;
constexpr std::uint32_t typingEvery = 8;  // one event in this many is a typing event

}  // namespace

std::uint32_t Workload::below(std::uint32_t bound) {
    std::uint8_t bytes[4];
    random_.fill(bytes);
    const std::uint32_t value = static_cast<std::uint32_t>(bytes[0]) << 24 |
                                static_cast<std::uint32_t>(bytes[1]) << 16 |
                                static_cast<std::uint32_t>(bytes[2]) << 8 | bytes[3];
    return value % bound;
}

std::string Workload::content() {
    std::uint8_t bytes[contentBytes];
    random_.fill(bytes);
    std::string text(contentBytes, ' ');
    for (std::size_t i = 0; i < contentBytes; ++i) {
        text[i] = static_cast<char>(bytes[i] % 7 == 0 ? ' ' : 'a' + bytes[i] % 26);
    }
    return text;
}

ConversationId Workload::conversation(std::size_t number) {
    return ConversationId::fromStored("conversation-" + std::to_string(number));
}

UserId Workload::user(std::size_t number) {
    return UserId::fromStored("user-" + std::to_string(number));
}

Event Workload::make(EventType type, std::size_t conversationNumber, std::size_t userNumber) {
    Event event;
    event.type = type;
    event.conversation = conversation(conversationNumber);
    event.actor = user(userNumber);
    event.seq = {++seqs_[conversationNumber]};
    if (below(4) == 0) ++now_;
    event.at = {now_};
    event.id = uuids_.next(event.at);
    return event;
}

Event Workload::next(std::size_t conversations) {
    seqs_.resize(conversations);
    const std::size_t number = below(static_cast<std::uint32_t>(conversations));
    const auto seq = static_cast<std::uint32_t>(std::min<std::int64_t>(seqs_[number], 1000));
    const std::size_t firstUser = number * peoplePerConversation;
    if (seq <= peoplePerConversation) {
        const auto type = seq == 0 ? EventType::conversationStarted : EventType::participantJoined;
        Event event = make(type, number, firstUser + (seq == 0 ? 0 : seq - 1));
        event.role = UserRole::agent;
        return event;
    }
    const std::size_t author = firstUser + below(peoplePerConversation);
    if (below(typingEvery) == 0) {
        Event event = make(EventType::typingStarted, number, author);
        event.data = R"({"userName":"Somebody"})";
        return event;
    }
    Event event = make(EventType::messageSent, number, author);
    event.role = UserRole::agent;
    event.messageType = MessageType::text;
    event.visible = true;
    event.content = content();
    return event;
}

}  // namespace parley::bench
