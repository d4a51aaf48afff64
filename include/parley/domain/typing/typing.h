#pragma once

#include <parley/core/ids.h>
#include <parley/core/numbers.h>
#include <parley/domain/authorize.h>
#include <parley/domain/decision.h>
#include <parley/domain/roles.h>
#include <parley/domain/text_bytes.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Who is typing. Pure; any thread.
namespace parley {

/// A user types, or goes on typing.
struct StartTyping {
    ConversationId conversation;
    UserId user;
    std::string userName;              ///< as others are shown it
    std::optional<UserRole> toRole{};  ///< of the message that is being typed, as in SendMessage
    std::optional<bool> isVisible{};   ///< likewise; where both are absent, everybody is told
};

/// A user says that they no longer type.
struct StopTyping {
    ConversationId conversation;
    UserId user;
};

/// The server ends a user's typing. No client asks for it.
struct EndTyping {
    ConversationId conversation;
    UserId user;
    std::string_view why;  ///< a name of namespace `cause` (domain/event.h)
};

/// What each command does, for the authorization table.
constexpr Action actionOf(const StartTyping&) {
    return Action::type;
}
constexpr Action actionOf(const StopTyping&) {
    return Action::type;
}
constexpr Action actionOf(const EndTyping&) {
    return Action::type;
}

inline std::size_t textBytesOf(const StartTyping& typing) {
    return text_bytes::sum(typing.conversation, typing.user, typing.userName);
}
inline std::size_t textBytesOf(const StopTyping& typing) {
    return text_bytes::sum(typing.conversation, typing.user);
}
inline std::size_t textBytesOf(const EndTyping& end) {
    return text_bytes::sum(end.conversation, end.user);
}

/// A user began to type, or ceased.
struct TypingChanged {
    ConversationId conversation;
    ConversationKey conversationKey;
    UserId user;
    std::string userName;
    bool isTyping = false;
    /// The connection that typed, where a request of another one ended that; 0: the request's own.
    ConnectionId typedOn{};
    bool visible = true;  ///< false: customers are not told
};

/// One event a request, also where the user types already. Refuses with `conversation_not_found`
/// and `not_participant`.
Decision decide(const ConversationState& state, const StartTyping& typing,
                const DecideContext& context);
/// Likewise, also where the user does not type.
Decision decide(const ConversationState& state, const StopTyping& typing,
                const DecideContext& context);
/// Nothing happens where the user does not type.
Decision decide(const ConversationState& state, const EndTyping& end, const DecideContext& context);

/// Adds the user to those who type, or gives them another name; takes them out. Never refuses.
void evolve(OfType<EventType::typingStarted>, ConversationState& state, const Event& event);
void evolve(OfType<EventType::typingStopped>, ConversationState& state, const Event& event);

/// For events that are new: typing of the past is nobody's news.
Result<TypingChanged> updateOf(OfType<EventType::typingStarted>, Event&& event, Facts& facts);
Result<TypingChanged> updateOf(OfType<EventType::typingStopped>, Event&& event, Facts& facts);

/// The `userName` in a typing event's data; empty once retention has emptied it. Parses JSON.
std::string userNameOf(const Event& typing);

}  // namespace parley
