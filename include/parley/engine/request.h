#pragma once

#include <parley/core/cursor.h>
#include <parley/core/numbers.h>
#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/visibility.h>
#include <parley/projection/update.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

/// What goes into the writer and what comes out of it.
namespace parley {

/// Where a request's answer goes, as the layer that submits it writes it down. The engine carries
/// it from Request to Outcome and never reads it.
class ReplyTo {
public:
    static constexpr std::size_t kBytes = 16;

    /// Nobody waits for an answer: all bytes are zero.
    ReplyTo() = default;
    /// `Address` is a type of the submitting layer's own.
    template <typename Address>
    explicit ReplyTo(const Address& address) {
        static_assert(std::is_trivially_copyable_v<Address> && sizeof(Address) <= kBytes);
        std::memcpy(bytes_.data(), &address, sizeof(address));
    }
    /// REQUIRES: made from an `Address` of this type, or default-constructed.
    template <typename Address>
    Address as() const {
        static_assert(std::is_trivially_copyable_v<Address> && sizeof(Address) <= kBytes);
        Address address;
        std::memcpy(&address, bytes_.data(), sizeof(address));
        return address;
    }

private:
    std::array<std::byte, kBytes> bytes_{};
};

/// Where a request came from and where its answer goes.
struct Origin {
    ConnectionId connection{};  ///< the subscribed connection; 0: none (REST, timers)
    ReplyTo replyTo{};
};

/// A connection went away: its subscriptions end, its typing stops. Its session, if it has one,
/// can be resumed, unless the client itself said that it leaves.
struct ConnectionClosed {
    bool sessionEnds = false;
};

/// Nothing to change: answered once everything submitted before it is durable.
struct Barrier {};

/// SHA-256 of a session's pid. The pid is a secret of its client and is kept nowhere.
using PidHash = std::array<std::uint8_t, 32>;

/// A connection was given a pid: what it subscribes to from here on can be resumed with it.
struct OpenSession {
    PidHash pid{};
};

/// A connection comes with the pid of an earlier one, and how far that one got (nothing: it
/// received nothing). Where the session cannot be resumed, it becomes a new one as `fresh`.
struct ResumeSession {
    PidHash pid{};
    std::optional<Cursor> cursor;
    PidHash fresh{};
};

/// The connection begins or ceases to receive what dashboards receive. Answered as a Barrier.
struct WatchDashboard {
    bool watch = true;
};

using Work =
    std::variant<Command, ConnectionClosed, Barrier, OpenSession, ResumeSession, WatchDashboard>;

struct Request {
    Origin origin;
    Work work;
};

/// Replies to commands that were carried out.
struct Joined {
    Participant participant;
    /// Shared by joins that follow one another in a batch: those that come later are in it too.
    std::shared_ptr<const ConversationState> conversation;
    HiddenMessages own;  ///< what the participant wrote in it that customers may not see
    Position position;   ///< everything up to here is reflected in `conversation`
};
struct Left {};
struct TypingAcknowledged {};
struct Sent {
    EventPtr message;
};
struct Started {
    ConversationState conversation;
    ConversationFigures figures;  ///< of it, as the one who asked may know them
    std::optional<std::string> title;
    std::optional<std::string> description;
};
struct BarrierPassed {
    Position position;  ///< the log's head
};
/// What a resumed session missed. Everything after `upTo` reaches it live.
struct Gap {
    struct Room {
        ConversationKey conversation;
        Viewer viewer;
        Position after;  ///< what it received of this room's broadcasts
        /// The removal that ended it: the last that is told of it. Nothing: it goes on live.
        std::optional<Position> until{};
    };
    std::vector<Room> rooms;  ///< its subscriptions; a room that goes on is there once
    std::optional<Position> dashboardAfter;  ///< likewise; nothing: it does not watch it
    std::vector<Position> own;  ///< what it caused itself, where the wire says without the sender
    std::vector<TypingChanged> typing;  ///< the others who type in its rooms at `upTo`
    Position upTo;
};
struct Resumed {
    std::optional<Gap> gap;  ///< nothing: it could not be resumed and is a new session
};
using Reply = std::variant<Joined, Left, TypingAcknowledged, Sent, Started, BarrierPassed, Resumed>;

/// A connection begins to receive a conversation's broadcasts, as `viewer`.
struct Subscribe {
    ConversationKey conversation;
    Viewer viewer;
};
struct Unsubscribe {
    ConversationKey conversation;
};

/// Connections that lose a conversation because another user took theirs out of it.
struct Removal {
    ConversationKey conversation;
    std::vector<ConnectionId> connections;
};

/// What a sender did not know when its `expectedSeq` did not hold.
struct Missed {
    Seq lastSeq;                  ///< of the last message it may see
    std::vector<Event> messages;  ///< those it may see, the last of them, oldest first
    bool more = false;            ///< there are earlier ones
};

/// The message that a clientMessageId stands for, where it was used again for another one.
struct UsedBefore {
    Uuid message;
};

/// What a refusal tells beyond its code and its words.
using RefusalFacts = std::variant<Missed, UsedBefore>;

/// What became of one request, once durable. Carried out in this order: the updates are
/// broadcast, another connection loses its session to this one, the subscriptions change, the
/// reply is sent.
struct Outcome {
    Origin origin;
    /// Whose connection the broadcasts leave out where the wire says "without the sender".
    ConnectionId sender{};
    std::vector<ProjectionUpdate> updates;
    ConnectionId takenOver{};  ///< the connection that held the session resumed; 0: none
    std::variant<std::monostate, Subscribe, Unsubscribe> subscription;  ///< the origin's
    std::optional<Removal> removal;                                     ///< of others
    Result<Reply> reply = Error{};
    std::shared_ptr<const RefusalFacts> facts;  ///< of a refusal that has some; else null
    bool answered = true;  ///< false: nobody waits for the reply (timers, closed connections)
};

/// What one commit made true, in log order.
struct BatchOutcome {
    std::vector<Outcome> outcomes;
};

/// Takes what the writer has committed. Called on the writer's thread, in log order, only after
/// the commit; must not block.
class OutcomeSink {
public:
    virtual ~OutcomeSink() = default;
    virtual void publish(BatchOutcome batch) = 0;
};

}  // namespace parley
