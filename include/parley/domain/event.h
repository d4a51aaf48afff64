#pragma once

#include <parley/core/clock.h>
#include <parley/core/fingerprint.h>
#include <parley/core/ids.h>
#include <parley/core/uuid.h>
#include <parley/domain/event_type.h>
#include <parley/domain/roles.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// Whose conversation and actor the events of Parley's own housekeeping are. The control
/// character in front keeps clients out: an id with one cannot be named, joined or listed.
namespace system_id {
inline constexpr std::string_view kConversation = "\x1fsystem";
inline constexpr std::string_view kActor = "\x1fparley";
}  // namespace system_id

/// Why an event happened that nobody asked for by name. Stored as text in `cause`.
namespace cause {
inline constexpr std::string_view kTimeout = "timeout";        ///< typing went silent
inline constexpr std::string_view kMessage = "message";        ///< a message led to it
inline constexpr std::string_view kLeave = "leave";            ///< its user left
inline constexpr std::string_view kDisconnect = "disconnect";  ///< its connection dropped
inline constexpr std::string_view kStart = "start";            ///< named as its conversation began
inline constexpr std::string_view kRestart = "restart";        ///< the server restarted meanwhile
inline constexpr std::string_view kRemoved = "removed";        ///< another user took them out
}  // namespace cause

/// One thing that happened: a row of the log. `decide` fills what it says, the writer adds
/// position, seq, id and time, the log adds the keys and the fingerprint. docs/format/event-log.md
/// has the columns.
struct Event {
    Position position;
    Seq seq;
    Uuid id;  ///< of the event; of the message too, where it is one
    UnixMillis at;
    EventType type = EventType::conversationStarted;
    std::uint32_t version = 1;  ///< of the payload's schema

    ConversationId conversation = ConversationId::fromStored({});
    UserId actor = UserId::fromStored({});
    ConversationKey conversationKey;
    UserKey actorKey;

    std::optional<UserRole> role;            ///< the actor's, where the event says it
    std::optional<MessageType> messageType;  ///< messages only
    std::optional<UserRole> toRole;          ///< messages only: whom it is meant for
    std::optional<bool> visible;             ///< messages only: whether customers may see it
    std::optional<ClientMessageId> clientMessageId;
    std::optional<Uuid> original;  ///< messageShared only: the robot's message
    Fingerprint fingerprint;       ///< of its hash, once it is in the log

    std::string cause;                   ///< empty: a client asked for exactly this
    std::string data = "{}";             ///< JSON object: plain metadata that is no column
    std::optional<std::string> content;  ///< what a person typed
};

/// Whether it is the join of a first participant, which is told with the start that it follows.
inline bool belongsToStart(const Event& event) {
    return event.type == EventType::participantJoined && event.cause == cause::kStart;
}

}  // namespace parley
