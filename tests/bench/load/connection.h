#pragma once

#include "loop.h"
#include "options.h"
#include "stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

/// Callbacks of a connection to its owner. Views are valid during the call.
class ConnectionHandler {
public:
    virtual ~ConnectionHandler() = default;
    /// The server has confirmed the default namespace.
    virtual void onReady(Connection& connection) = 0;
    /// An event, as JSON: `["new_message",{...}]`.
    virtual void onEvent(Connection& connection, std::string_view json) = 0;
    /// The reply to the request sent with `ackId`, as JSON: `[{...}]`.
    virtual void onAck(Connection& connection, std::uint64_t ackId, std::string_view json) = 0;
    /// The connection ended unexpectedly, or the server violated the protocol.
    virtual void onLost(Connection& connection, const std::string& why) = 0;
};

/// One Socket.IO client on a WebSocket: just enough HTTP, RFC 6455, Engine.IO 4 and Socket.IO 5 to
/// be a correct client of a correct server; it is strict about the server's errors.
class Connection {
public:
    /// Connects to 127.0.0.1 without waiting. `index` identifies the connection to its owner.
    Connection(Loop& loop, ConnectionHandler& handler, const Options& options, std::size_t index);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Queues `event` (a JSON array) as a request with an acknowledgement; it is sent with
    /// everything else of this loop turn.
    void request(std::uint64_t ackId, std::string_view event);

    std::size_t index() const { return index_; }

private:
    friend class Loop;
    enum class State { upgrading, opening, ready, lost };

    void onReadable(std::vector<char>& buffer);
    void onWritable();
    void flush();
    std::size_t consume(std::string_view bytes);
    std::size_t consumeUpgrade(std::string_view bytes);
    void onFrame(unsigned opcode, std::string_view payload);
    void onPacket(std::string_view packet);
    void onSocketPacket(std::string_view packet);
    void sendFrame(unsigned opcode, std::string_view head, std::string_view body = {});
    void queued();
    void lose(const std::string& why);

    Loop& loop_;
    ConnectionHandler& handler_;
    const std::string& token_;  ///< the options'
    std::size_t index_;
    std::unique_ptr<Stream> stream_;  ///< null once it is lost
    State state_ = State::upgrading;
    bool flushQueued_ = false;
    bool wantsWrite_ = false;  ///< whether the loop watches for writability
    std::uint32_t maskSeed_;
    std::string in_;  ///< the start of an incomplete frame
    std::string out_;
};

}  // namespace parley::bench
