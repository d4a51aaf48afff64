#pragma once

#include "net/chunked_body.h"
#include "net/http_head.h"
#include "net/http_response.h"
#include "net/outbox.h"
#include "net/timers.h"
#include "net/ws_input.h"

#include <parley/engineio/pace.h>

#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What a loop keeps of one socket. Plain data; IoLoop is its behaviour.
namespace parley::net {

class IoLoop;

enum class ConnectionState : std::uint8_t {
    http,
    webSocket,
    finishing,  ///< nothing is read any more; closed for sending once the outbox is empty
    lingering,  ///< closed for sending; what arrives is thrown away until the peer closes too
};

/// A request that is to be answered, or was and waits for the ones before it.
struct PendingAnswer {
    std::uint64_t number = 0;
    ResponseShape shape;
    int endpoint = -1;  ///< the Engine.IO endpoint that answers; -1: the service
    bool ready = false;
    std::string origin;  ///< for the CORS headers
    std::string bytes;   ///< the response, once it is ready
};

/// Which time limit holds.
enum class HttpPhase : std::uint8_t { none, idle, head, body, answering, writing };

struct HttpState {
    std::string rest;                      ///< received, not understood yet
    std::size_t scanned = 0;               ///< of `rest`, without finding the head's end
    std::optional<RequestHead> head;       ///< of the request whose body is awaited
    std::unique_ptr<ChunkedBody> chunked;  ///< what has come of that body, if in chunks
    bool continueSent = false;
    std::string postingTo;  ///< the sid whose server knows that a POST is on its way; or empty
    bool last = false;      ///< no request is read after the ones in `pending`
    bool stalled = false;   ///< `rest` waits until answers have gone out
    HttpPhase phase = HttpPhase::none;
    std::uint32_t requests = 0;
    std::uint32_t phaseRequests = 0;  ///< `requests` when the phase began
    std::vector<PendingAnswer> pending;
    IoLoop* movingTo = nullptr;  ///< the loop that owns the session which `rest` asks for
};

/// How a connection takes what was sent to it. Only while the socket does not take all.
struct Backlog {
    engineio::Pace pace;
    std::size_t written = 0;         ///< to the socket since the last look
    std::size_t unacknowledged = 0;  ///< by the peer, at the last look
};

struct Connection {
    explicit Connection(const Poco::Net::StreamSocket& accepted) : socket(accepted) {}

    Poco::Net::StreamSocket socket;
    std::uint64_t address = 0;  ///< whose, as AddressTable counts it
    std::uint64_t number = 0;   ///< names it in its loop; its lowest bits are its slot
    Outbox outbox;
    std::unique_ptr<HttpState> http;  ///< only while it speaks HTTP
    std::unique_ptr<Backlog> backlog;
    WebSocketInput input;
    Millis deadline{0};        ///< 0: none
    Millis armed{0};           ///< when the loop's heap looks at it next; 0: it does not
    std::uint32_t events = 0;  ///< what epoll watches
    std::uint8_t endpoint = 0;
    ConnectionState state = ConnectionState::http;
    bool dirty = false;       ///< in the loop's list for the end of the turn
    bool doomed = false;      ///< destroyed at the end of the turn
    bool blocked = false;     ///< the socket was full when last written to
    bool paused = false;      ///< a WebSocket: nothing is read until it takes what it was sent
    bool readClosed = false;  ///< the peer ended its side
    bool engineTold = false;  ///< the Engine.IO server knows that the WebSocket ended
};

}  // namespace parley::net
