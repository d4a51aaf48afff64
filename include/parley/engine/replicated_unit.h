#pragma once

#include <parley/core/ids.h>
#include <parley/core/numbers.h>
#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/visibility.h>
#include <parley/engine/request.h>
#include <parley/log/hash_chain.h>
#include <parley/log/read/stored_event.h>
#include <parley/log/replication_mark.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the nodes of a cluster tell each other of a unit of work.
namespace parley {

/// MessageReply, by the message's position in the log.
struct MessageRecord {
    Position message;
};
/// JoinReply, without the conversation, which each node knows.
struct JoinRecord {
    ConversationId conversation;
    UserId user;
    HiddenMessages own;
    Position position;
    Viewer viewer;
};
/// ConversationReply, likewise.
struct ConversationRecord {
    ConversationId conversation;
    std::optional<std::string> title;
    std::optional<std::string> description;
};
/// Unseen, its messages by their positions.
struct UnseenRecord {
    Seq lastSeq;
    std::vector<Position> messages;
    bool more = false;
};
struct RefusalRecord {
    Error error;
    std::variant<std::monostate, UnseenRecord, UsedBefore> facts{};
};

/// An Outcome without what every node's log and tables say anyway: a node makes it whole again
/// where it applies the unit. A value.
struct OutcomeRecord {
    using Reply = std::variant<DoneReply, WatchReply, MessageRecord, JoinRecord, ConversationRecord,
                               ResumeReply, RefusalRecord>;

    ConnectionId connection;
    ReplyTo replyTo{};
    ConnectionId sender;
    Position upTo;         ///< its events are those after the outcome before it
    ConnectionId typedOn;  ///< of each TypingChanged in it
    ConnectionId takenOver;
    /// The conversation to which its user came back on one more connection, of which no event
    /// tells.
    std::optional<ConversationId> returned;
    UserId returnedUser;
    std::variant<std::monostate, Subscribe, Unsubscribe> subscription;
    std::optional<Removal> removal;
    Reply reply = DoneReply{};
    bool answered = false;
};

/// See ApplyUnits. A value.
struct ReplicatedUnit {
    ReplicationMark mark;             ///< where in the stream it is
    Position after;                   ///< of the last event before it
    Digest previous{};                ///< that event's hash
    std::vector<StoredEvent> events;  ///< with the keys that the other node's database has given
    /// To the rows of sessions and of living connections: a changeset of SQLite's session
    /// extension. Empty: none.
    std::string changes;
    std::vector<OutcomeRecord> outcomes;  ///< in the order of the log
};

}  // namespace parley
