#pragma once

#include <parley/core/clock.h>
#include <parley/core/fingerprint.h>
#include <parley/core/ids.h>
#include <parley/core/uuid.h>
#include <parley/domain/event_type.h>
#include <parley/domain/roles.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// Why an event happened that no client asked for by name. Stored as text in `cause`.
namespace cause {
inline constexpr std::string_view kTimeout = "timeout";        ///< typing went silent
inline constexpr std::string_view kMessage = "message";        ///< a message led to it
inline constexpr std::string_view kLeave = "leave";            ///< its user left
inline constexpr std::string_view kDisconnect = "disconnect";  ///< its connection dropped
inline constexpr std::string_view kStart = "start";            ///< its conversation began with it
inline constexpr std::string_view kRestart = "restart";        ///< the server restarted
inline constexpr std::string_view kRemoved = "removed";        ///< another user took its user out
}  // namespace cause

/// What a fold into the stored views may see of an event. scanForFold reads exactly these
/// columns, so that a view which is right live cannot be wrong after a rebuild. A view that needs
/// one more column moves it here and adds it to scanForFold.
struct FoldableEvent {
    Position position;
    Seq seq;
    UnixMillis at;
    EventType type = EventType::conversationStarted;
    std::uint32_t version = 1;  ///< of the payload's schema

    ConversationKey conversationKey;
    UserKey actorKey;

    std::optional<UserRole> role;  ///< the actor's, where the event says it
    std::optional<bool>
        visible;  ///< of a message, or of what is about one: whether customers may see it
    std::optional<MessageType> messageType;  ///< messages only
    std::optional<Uuid> original;            ///< the message that this one is about or repeats
    std::string cause;                       ///< empty: a client asked for exactly this
};

/// One thing that happened: a row of the log. `decide` fills in what it says, the writer adds
/// position, seq, id and time, the log adds the keys and the fingerprint. docs/format/event-log.md
/// has the columns.
struct Event : FoldableEvent {
    Uuid id;  ///< of the event, and of the message where it is one
    ConversationId conversation;
    UserId actor;

    std::optional<UserRole> toRole;  ///< messages only: the role it is meant for
    std::optional<ClientMessageId> clientMessageId;
    Fingerprint fingerprint;  ///< of its hash, once it is in the log

    std::string data = "{}";             ///< JSON object: plain metadata that is no column
    std::optional<std::string> content;  ///< what a person typed
};

/// Shared, so that updates and replies of one event need no copies. Immutable: any thread.
using EventPtr = std::shared_ptr<const Event>;

}  // namespace parley
