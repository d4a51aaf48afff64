#pragma once

#include "net/outbox.h"
#include "net/timers.h"
#include "net/transport.h"
#include "net/ws_input.h"

#include <parley/core/client_address.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace parley::net {

class HttpConnection;

enum class ConnectionState : std::uint8_t {
    http,
    webSocket,
    finishing,  ///< what the outbox holds is still sent; then the transport finishes
    lingering,  ///< finished; input is thrown away until the peer closes too
};

/// One accepted socket as its loop holds it, whatever it speaks. Plain data, kept small, since most
/// are idle; Connections is its behaviour. The loop's thread.
struct TcpConnection {
    TcpConnection(std::unique_ptr<Transport> over, ClientAddress peer);
    ~TcpConnection();
    TcpConnection(const TcpConnection&) = delete;
    TcpConnection& operator=(const TcpConnection&) = delete;

    std::unique_ptr<Transport> transport;
    ClientAddress address;     ///< the peer's
    std::uint64_t number = 0;  ///< names it in its loop; its lowest bits are its slot
    Outbox outbox;
    std::unique_ptr<HttpConnection> http;  ///< null once it is a WebSocket
    WebSocketInput input;                  ///< of a WebSocket
    Millis deadline{0};                    ///< 0: none
    Millis armed{0};                       ///< the time of its entry in Deadlines; 0: it has none
    std::uint8_t events{};                 ///< what epoll watches for: EPOLLIN and EPOLLOUT fit
    ConnectionState state = ConnectionState::http;
    bool dirty : 1 = false;         ///< settled at the end of the turn
    bool dropped : 1 = false;       ///< destroyed at the end of the turn
    bool blocked : 1 = false;       ///< the transport took no more when last written to
    bool undrained : 1 = false;     ///< the last read left something that epoll may not report
    bool listedUnread : 1 = false;  ///< read in the next turn, whatever epoll reports
    bool readClosed : 1 = false;    ///< the peer ended its side
    bool owed : 1 = false;          ///< SlowClients measures how it takes its output
    bool paused : 1 = false;        ///< a WebSocket: not read until it takes its output
    bool stalled : 1 = false;       ///< HTTP: further requests wait until answers have gone out
    bool engineTold : 1 = false;    ///< a WebSocket: Engine.IO knows that it ended
    bool proxied : 1 = false;       ///< the peer is a trusted proxy
    bool handshaking : 1 = false;   ///< the transport's handshake is not done
};

}  // namespace parley::net
