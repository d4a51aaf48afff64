#pragma once

#include <parley/core/ids.h>
#include <parley/core/uuid.h>
#include <parley/domain/authorize.h>
#include <parley/domain/decision.h>
#include <parley/domain/roles.h>
#include <parley/domain/text_bytes.h>

#include <cstdint>
#include <optional>
#include <string>

/// Messages: sent, and shared by staff from a robot. Pure; any thread.
namespace parley {

/// Somebody writes. A conversation that does not exist is started, and an author who does not take
/// part joins.
struct SendMessage {
    ConversationId conversation;
    std::optional<UserId> from;        ///< absent: the user that the connection joined as
    std::optional<UserRole> fromRole;  ///< absent: the role that the connection joined with
    std::string content;               ///< UTF-8, 1 to limits::kContentBytesMax bytes
    MessageType type = MessageType::text;
    std::optional<UserRole> toRole;  ///< the role it is meant for; absent: all
    std::optional<bool> isVisible;   ///< false hides it from customers; true cannot show more
    std::optional<ClientMessageId> clientMessageId;
    std::optional<Seq> expectedSeq;  ///< `conflict` where the sender may see a later message
};

/// An agent or a supervisor copies a robot's message for the customer.
struct ShareRobotMessage {
    ConversationId conversation;
    Uuid original;  ///< the robot's message
    UserId from;
    std::optional<ClientMessageId> clientMessageId{};
};

/// What each command does, for the authorization table.
constexpr Action actionOf(const ShareRobotMessage&) {
    return Action::share;
}

inline std::size_t textBytesOf(const SendMessage& send) {
    return text_bytes::sum(send.conversation, send.from, send.content, send.clientMessageId);
}
inline std::size_t textBytesOf(const ShareRobotMessage& share) {
    return text_bytes::sum(share.conversation, share.from, share.clientMessageId);
}

/// A message was sent or shared.
struct MessageAdded {
    EventPtr message;
    std::int64_t messageCount = 0;  ///< the conversation's, with this one
    bool beginsWait = false;        ///< a customer wrote it, and nobody waited before
};

/// In this order: a start where the conversation is new, a join where the author takes no part, the
/// end of their typing, the message. No event where it repeats DecideContext::sentBefore. Refuses
/// with `client_message_id_reused`, `invalid_id` (mayBeNew), `forbidden` where a customer hides a
/// message, `conflict` (expectedSeq) and `limit_reached`. REQUIRES: `from` and `fromRole` are
/// filled in; refuses with `missing_field` where they are not.
Decision decide(const ConversationState& state, const SendMessage& send,
                const DecideContext& context);
/// The end of the sharer's typing, and a copy that customers see; no event where it was shared
/// before. Refuses with `conversation_not_found`, `not_participant`, `forbidden` for any but staff,
/// `client_message_id_reused`, `invalid_id` (mayBeNew), `message_not_found` and
/// `not_robot_message`.
Decision decide(const ConversationState& state, const ShareRobotMessage& share,
                const DecideContext& context);

/// Messages change figures alone, which `evolve` counts for every type.
inline void evolve(OfType<EventType::messageSent>, ConversationState&, const Event&) {}
inline void evolve(OfType<EventType::messageShared>, ConversationState&, const Event&) {}

/// Asks `facts` how many messages there are now. Hidden messages are told too: each Delivery says
/// who may see it.
Result<MessageAdded> updateOf(OfType<EventType::messageSent>, Event&& event, Facts& facts);
Result<MessageAdded> updateOf(OfType<EventType::messageShared>, Event&& event, Facts& facts);

}  // namespace parley
