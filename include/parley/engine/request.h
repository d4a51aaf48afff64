#pragma once

#include <parley/core/cursor.h>
#include <parley/core/numbers.h>
#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/principal.h>
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

/// The address a request's answer goes to, as the layer that submits it writes it down. The engine
/// carries it from Request to Outcome and never reads it. A value.
class ReplyTo {
public:
    static constexpr std::size_t kBytes = 16;

    /// No answer is waited for: all bytes are zero.
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

/// The connection a request came from, and the address its answer goes to. A value.
struct Origin {
    ConnectionId connection{};  ///< the client's; 0: none (REST, timers)
    ReplyTo replyTo{};
    /// Who asks, from a verified token; null with auth.mode=none: the request's own words count.
    PrincipalPtr principal{};
};

/// A connection went away: its subscriptions end, its typing stops. Its session, if it has one,
/// can be resumed, unless it ends.
struct ConnectionClosed {
    bool sessionEnds = false;  ///< the client itself said that it leaves
};

/// Changes nothing: answered (DoneReply) once everything submitted before it is durable.
struct Barrier {};

/// SHA-256 of a session's pid. The pid is a secret of its client and is kept nowhere.
struct PidHash {
    std::array<std::uint8_t, 32> bytes{};
    friend bool operator==(const PidHash&, const PidHash&) = default;
};

/// A connection was given a pid: what it subscribes to from here on can be resumed with that pid.
/// Not answered.
struct OpenSession {
    PidHash pid{};
};

/// A connection came with the pid of an earlier one. Answered with ResumeReply.
struct ResumeSession {
    PidHash pid{};
    std::optional<Cursor> cursor;  ///< how far the earlier one got; nothing: it received nothing
    PidHash fresh{};               ///< of the new session it gets where that one cannot be resumed
};

/// The connection begins or ceases to receive what dashboards receive. Answered with DoneReply.
struct WatchDashboard {
    bool watch = true;
    std::optional<UserId> user{};    ///< who follows it, where the request says it
    std::optional<UserRole> role{};  ///< likewise
    bool presence = false;           ///< it is told who is there, too
};

/// A question is to be recorded before it is answered. Answered (DoneReply) once the record is
/// durable; where it cannot be stored, with the error of the storage.
struct RecordAudit {
    AuditQuestion question;
};

/// All connections whose numbers are in a range went away, as ConnectionClosed: the process that
/// served them ended, or is cut off. Not answered.
struct ConnectionsGone {
    ConnectionId first;
    ConnectionId last;
};

/// What another node of the cluster decided, and the stream holds: units that follow one another
/// are put into this node's log, sessions and tables of connections as they are in that one's, all
/// or none. Answered (DoneReply) once they are durable; refused with `storage_damaged` where one
/// does not continue this log, or is not what its hashes say. The outcomes that they tell of follow
/// that answer in the same batch.
struct ReplicatedUnit;
struct ApplyUnits {
    std::vector<std::shared_ptr<const ReplicatedUnit>> units;
};

/// What the writer can be asked to do. Each kind is handled by overload sets without a catch-all
/// (work_traits.cpp, weight.cpp, batch.cpp), so a new one does not compile until it is handled.
using Work = std::variant<Command, ConnectionClosed, Barrier, OpenSession, ResumeSession,
                          WatchDashboard, RecordAudit, ConnectionsGone, ApplyUnits>;

/// What waits in the writer's queue. Holds what it needs: nothing of the socket's buffers.
struct Request {
    Origin origin;
    Work work;
};

/// The reply to a join: the user takes part, and the connection, if there is one, is subscribed.
struct JoinReply {
    Participant participant;
    /// Shared by joins that follow one another in a batch: later ones are in it too.
    std::shared_ptr<const ConversationState> conversation;
    HiddenMessages own;  ///< what the participant wrote in it that customers may not see
    Position position;   ///< everything up to here is reflected in `conversation`
    Viewer viewer;       ///< the one that asked: the participant, unless it was brought in
};
/// It was carried out, and has nothing of its own to tell: the reply to most requests.
struct DoneReply {
    Position position;  ///< the log's head by then
};
/// The reply to a watch: the connection receives everything after `position`.
struct WatchReply {
    Position position;
};
/// The message that was stored, or that the command repeats.
struct MessageReply {
    EventPtr message;
};
/// The conversation that was started. A copy, as of its start.
struct ConversationReply {
    ConversationState conversation;
    ConversationFigures figures;  ///< of it, as its creator may know them
    std::optional<std::string> title;
    std::optional<std::string> description;
};
/// What a resumed session missed. Everything after `upTo` reaches it live.
struct Gap {
    struct Room {
        ConversationKey conversation;
        Viewer viewer;   ///< as it had joined
        Position after;  ///< what it received of this room's broadcasts
        /// The removal that ended it, the last event it is told of. Nothing: it goes on live.
        std::optional<Position> until{};
    };
    std::vector<Room> rooms;  ///< its subscriptions; a room that goes on is there once
    std::optional<Position> dashboardAfter;  ///< likewise; nothing: it does not watch it
    bool presence = false;                   ///< its dashboard is told who is there, too
    std::vector<Position> own;          ///< its own events that the wire tells without their sender
    std::vector<TypingChanged> typing;  ///< the others who type in its rooms at `upTo`
    Position upTo;
};
/// The reply to ResumeSession.
struct ResumeReply {
    std::optional<Gap> gap;  ///< nothing: it could not be resumed, and a new session began
};
/// What a request that was carried out is answered with.
using Reply =
    std::variant<DoneReply, WatchReply, MessageReply, JoinReply, ConversationReply, ResumeReply>;

/// A connection begins to receive a conversation's broadcasts, as `viewer`.
struct Subscribe {
    ConversationKey conversation;
    Viewer viewer;
};
/// It ceases to receive them, because its client asked for that.
struct Unsubscribe {
    ConversationKey conversation;
};

/// Connections that lose a conversation because another user took their user out of it.
struct Removal {
    ConversationKey conversation;
    std::vector<ConnectionId> connections;
};

/// The messages that a sender had not seen when its `expectedSeq` did not hold (`conflict`).
struct Unseen {
    Seq lastSeq;                  ///< of the last message that the sender may see
    std::vector<Event> messages;  ///< the last of them that the sender may see, oldest first
    bool more = false;            ///< there are earlier ones
};

/// The message that a clientMessageId stands for, where it was used again for another one.
struct UsedBefore {
    Uuid message;
};

/// What a refusal tells beyond its code and its message.
using RefusalFacts = std::variant<Unseen, UsedBefore>;

/// What became of one request, once durable. Carried out in this order: the updates are
/// broadcast, another connection loses its session to this one, the subscriptions change, the
/// reply is sent. Handed over whole: the sink may move from it.
struct Outcome {
    Origin origin;
    /// The connection that broadcasts leave out where the wire says "without the sender".
    ConnectionId sender{};
    std::vector<ProjectionUpdate> updates;
    ConnectionId takenOver{};  ///< the connection that held the session resumed; 0: none
    /// The connection taken over had been taken for gone: its client is closed to come back.
    bool comesBack = false;
    std::variant<std::monostate, Subscribe, Unsubscribe> subscription;  ///< the origin's
    std::optional<Removal> removal;                                     ///< of others
    Result<Reply> reply = Error{};
    std::shared_ptr<const RefusalFacts> facts;  ///< of a refusal that has some; else null
    bool answered = true;  ///< false: no reply is waited for (timers, closed connections)
    Position upTo;         ///< the log's head once it was carried out
};

/// What became of the requests of one commit, in log order: the order in which they were submitted.
/// Where the commit failed, nothing of them is in the log, and what needed the storage is refused.
struct BatchOutcome {
    std::vector<Outcome> outcomes;
    bool hasFailed = false;  ///< nothing of some of these requests happened
};

/// Takes what the writer has committed. It outlives the engine.
class OutcomeSink {
public:
    virtual ~OutcomeSink() = default;
    /// Called after the commit, in log order, on the writer's thread (in Engine::step where the
    /// engine is stepped). Must not block: the next batch waits for it. May call Engine::submit.
    /// Must not throw. Everything of the batch is on the disk.
    virtual void publish(BatchOutcome batch) = 0;
};

}  // namespace parley
