#pragma once

#include <parley/cluster/request_message.h>
#include <parley/cluster/run_id.h>
#include <parley/engine/engine.h>

#include <cstdint>
#include <map>

namespace parley {

/// The leader's side of what other nodes forward: hands each request to the engine once, in the
/// order of its node. One thread at a time.
class Inbox {
public:
    /// `engine` outlives this.
    explicit Inbox(RequestTaker& engine) : engine_(engine) {}

    /// This node leads another epoch: nothing has been taken in it.
    void begin(std::uint64_t epoch);
    /// Takes what is new in the message. What is of another epoch, what came before and what does
    /// not follow is ignored: its node sends it again.
    void take(RequestMessage message);
    /// A process of the node is there: connections of those before it ended with them.
    void heard(RunId run);
    /// A node is not heard any more: its connections are closed.
    void lose(std::uint16_t node);

private:
    struct Sender {
        std::uint16_t run = 0;
        std::uint64_t next = 1;  // the number that is to come
    };
    bool close(ConnectionId first, ConnectionId last);
    Sender* senderOf(RunId run);

    RequestTaker& engine_;
    std::uint64_t epoch_ = 0;
    std::map<std::uint16_t, Sender> senders_;
};

}  // namespace parley
