#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace parley::net {

struct TcpConnection;

/// What the connections of one loop speak: HTTP, and WebSocket after it. Connections reads and
/// writes, a protocol knows what the bytes mean. Every call comes from the loop's thread, and none
/// for a connection after its `ended`.
class Protocol {
public:
    virtual ~Protocol() = default;
    /// Bytes arrived. The view lives until the call returns.
    virtual void receive(TcpConnection& connection, std::string_view bytes) = 0;
    /// The connection's outbox was to be written. `written`: the bytes that the transport took;
    /// nothing where it was not asked, as it had refused more before.
    virtual void flushed(TcpConnection& connection, std::optional<std::size_t> written) = 0;
    /// The peer sends no more. Returns whether it still gets something, else it is dropped.
    virtual bool onReadClosed(TcpConnection& connection) = 0;
    /// The deadline that the protocol set has come.
    virtual void onDeadline(TcpConnection& connection) = 0;
    /// The connection has ended and is about to be destroyed.
    virtual void ended(TcpConnection& connection) = 0;
};

/// A protocol that keeps answers back until all before them are there.
class AnsweringProtocol : public Protocol {
public:
    /// Puts into the outbox what is ready. The outbox is written next.
    virtual void fillOutbox(TcpConnection& connection) = 0;
    /// The outbox was written, as far as the transport took it.
    virtual void settled(TcpConnection& connection) = 0;
};

}  // namespace parley::net
