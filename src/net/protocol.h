#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace parley::net {

struct TcpConnection;

/// What the connections of one loop speak: HTTP, and WebSocket after it. Connections reads and
/// writes, a protocol knows what the bytes mean. Every call comes from the loop's thread; none
/// after `ended`.
class Protocol {
public:
    virtual ~Protocol() = default;
    /// Bytes arrived. The view lives until the call returns.
    virtual void receive(TcpConnection& connection, std::string_view bytes) = 0;
    /// The outbox was looked at. `written`: so many bytes left it just now; nothing where the
    /// transport had taken no more before and was not asked again.
    virtual void flushed(TcpConnection& connection, std::optional<std::size_t> written) = 0;
    /// The peer sends no more. Whether there is something that it is still to be told.
    virtual bool onReadClosed(TcpConnection& connection) = 0;
    virtual void onDeadline(TcpConnection& connection) = 0;
    /// The connection is no more.
    virtual void ended(TcpConnection& connection) = 0;
};

/// A protocol that keeps answers back until their turn.
class AnsweringProtocol : public Protocol {
public:
    /// The outbox is written next: puts into it what is ready.
    virtual void fillOutbox(TcpConnection& connection) = 0;
    /// What the turn produced is written, as far as that went.
    virtual void settled(TcpConnection& connection) = 0;
};

}  // namespace parley::net
