#pragma once

#include <parley/core/ids.h>
#include <parley/core/uuid.h>
#include <parley/domain/roles.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What clients can ask for, checked for form but not yet against any state.
namespace parley {

struct JoinRoom {
    ConversationId conversation;
    UserId user;
    UserRole role;
};

struct LeaveRoom {
    ConversationId conversation;
    std::optional<UserId> user;  ///< default: as whom the connection joined
};

/// A leave that another than the user asked for.
struct RemoveParticipant {
    ConversationId conversation;
    UserId user;
    std::optional<UserId> by;  ///< nothing: the connection that asked has no user in it
};

struct SendMessage {
    ConversationId conversation;
    std::optional<UserId> from;        ///< default: as whom the connection joined
    std::optional<UserRole> fromRole;  ///< likewise
    std::string content;               ///< UTF-8, 1 to limits::kContentBytesMax bytes
    MessageType type = MessageType::text;
    std::optional<UserRole> toRole;
    std::optional<bool> isVisible;
    std::optional<ClientMessageId> clientMessageId;
    std::optional<Seq> expectedSeq;  ///< `conflict` if there is a later message to be seen
};

struct StartTyping {
    ConversationId conversation;
    UserId user;
    std::string userName;
};

struct StopTyping {
    ConversationId conversation;
    UserId user;
};

struct ShareRobotMessage {
    ConversationId conversation;
    Uuid original;
    UserId from;
    std::optional<ClientMessageId> clientMessageId{};
};

struct NamedParticipant {
    UserId user;
    UserRole role;
};

struct StartConversation {
    ConversationId conversation;
    UserId createdBy;
    UserRole createdByRole;
    std::optional<std::string> title;
    std::optional<std::string> description;
    std::vector<NamedParticipant> initialParticipants;  ///< each user once
};

/// The server's own: a user's typing ends without their asking.
struct EndTyping {
    ConversationId conversation;
    UserId user;
    std::string_view why;  ///< one of the names in domain/event.h, namespace cause
};

using Command = std::variant<JoinRoom, LeaveRoom, SendMessage, StartTyping, StopTyping,
                             ShareRobotMessage, StartConversation, EndTyping, RemoveParticipant>;

/// The conversation a command is about.
const ConversationId& conversationOf(const Command& command);

}  // namespace parley
