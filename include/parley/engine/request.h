#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <parley/core/result.h>
#include <parley/domain/command.h>
#include <parley/domain/visibility.h>
#include <parley/projection/update.h>

/// What goes into the writer and what comes out of it.
namespace parley {

/// Where a request came from and how its answer goes back. The engine reads only `connection`.
struct Origin {
    std::uint64_t connection = 0;  ///< the subscribed connection; 0: none (REST, timers)
    std::uint64_t answer = 0;      ///< the gateway's: an ack id, an HTTP request
    std::uint16_t loop = 0;        ///< the gateway's: which I/O loop answers
    std::uint8_t via = 0;          ///< the gateway's: how to answer
    std::uint8_t request = 0;      ///< the gateway's: which wire request it was
};

/// A connection went away: its subscriptions end, its typing stops.
struct ConnectionClosed {};

/// Nothing to change: answered once everything submitted before it is durable.
struct Barrier {};

using Work = std::variant<Command, ConnectionClosed, Barrier>;

struct Request {
    Origin origin;
    Work work;
};

/// Replies to commands that were carried out.
struct Joined {
    Participant participant;
    ConversationState conversation;
    Position position;  ///< everything up to here is reflected in `conversation`
};
struct Left {};
struct TypingAcknowledged {};
struct Sent {
    EventPtr message;
};
struct Started {
    ConversationState conversation;
    std::optional<std::string> title;
    std::optional<std::string> description;
};
struct BarrierPassed {
    Position position;  ///< the log's head
};
using Reply = std::variant<Joined, Left, TypingAcknowledged, Sent, Started, BarrierPassed>;

/// A connection begins to receive a conversation's broadcasts, as `viewer`.
struct Subscribe {
    ConversationKey conversation;
    Viewer viewer;
};
struct Unsubscribe {
    ConversationKey conversation;
};

/// What became of one request, once durable. Carried out in this order: the updates are
/// broadcast, the subscription changes, the reply is sent.
struct Outcome {
    Origin origin;
    /// Whose connection the broadcasts leave out where the wire says "without the sender".
    std::uint64_t sender = 0;
    std::vector<ProjectionUpdate> updates;
    std::variant<std::monostate, Subscribe, Unsubscribe> subscription;
    Result<Reply> reply = Error{};
    bool answered = true;  ///< false: nobody waits for the reply (timers, closed connections)
};

/// What one commit made true, in log order.
struct BatchOutcome {
    Position head;
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
