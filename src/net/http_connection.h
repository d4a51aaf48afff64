#pragma once

#include "net/chunked_body.h"
#include "net/http_head.h"
#include "net/http_response.h"
#include "net/timers.h"

#include <parley/core/numbers.h>
#include <parley/net/server.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley::net {

struct TcpConnection;
class HttpProtocol;

/// One connection's HTTP/1.1 (RFC 9112): requests in, answers out in the order of the requests.
/// Lives while the connection speaks HTTP, and is owned by it. The loop's thread.
class HttpConnection {
public:
    /// A request for a WebSocket that may be granted.
    struct Upgrade {
        RequestHead head;
        std::string handshake;  ///< the 101
        std::string early;      ///< bytes that came behind the request
    };

    /// REQUIRES: both outlive it.
    HttpConnection(HttpProtocol& protocol, TcpConnection& connection);

    /// Reads requests from what arrived, and hands them out, as far as they are whole.
    void receive(std::string_view bytes);
    /// The request for a WebSocket, once everything before it has been answered: the WebSocket
    /// takes over from here. Null: there is none.
    std::unique_ptr<Upgrade> takeUpgrade() { return std::move(upgrade_); }
    /// The loop that owns the next request's session, if that is another loop. The connection is
    /// dropped here, and moves there with `rest`.
    std::optional<LoopIndex> movingTo() const { return movingTo_; }
    std::string takeRest() { return std::move(rest_); }

    /// False where no request `number` of this connection awaits an answer.
    bool answer(std::uint64_t number, int status, std::string_view contentType,
                std::string_view body, HeaderList headers);
    /// As Loop::answerOwnPagesOnly.
    void answerOwnPagesOnly(std::uint64_t number);
    /// As Loop::countAs.
    void countAs(std::uint64_t number, std::size_t route);
    /// Puts the answers into the outbox whose predecessors are all there.
    void fillOutbox();
    /// The outbox was written to. `progressed`: the transport took something.
    void flushed(bool progressed) { updateDeadline(progressed); }
    /// At the end of a turn: finishes the connection, or reads on where requests had to wait.
    void settled();

    /// Reads no request after those that are being worked on.
    void readNoMore() { last_ = true; }
    /// As Protocol::onReadClosed. Requests that are being worked on are still answered.
    bool onReadClosed();
    void onDeadline();
    /// The client is gone: tells Engine.IO and the service that its requests need no answer.
    void abortRequests();

private:
    /// A request that awaits its answer, or has one that waits for the answers before it.
    struct PendingAnswer {
        std::uint64_t number = 0;
        ResponseShape shape;
        bool byEngine = false;  ///< by Engine.IO, else by the service
        bool ready = false;
        std::uint8_t route = kOtherRoute;  ///< as which it is counted
        bool ownPagesOnly = false;         ///< no page of another origin may read it
        std::string origin;                ///< for the CORS headers
        std::string bytes;                 ///< the response, once it is ready
    };
    /// Which time limit holds.
    enum class Phase : std::uint8_t { none, idle, head, body, answering, writing };

    bool mayRead() const;
    bool readRequest(std::size_t& used);
    bool readHead(std::size_t& used);
    bool startBody(RequestHead head, bool forEngine);
    bool readChunks(std::size_t& used);
    void awaitBody();
    bool announcePost();
    void withdrawPost();
    bool leavesHttp(const RequestHead& head, std::size_t& used, std::size_t length);
    void upgrade(const RequestHead& head, std::string early);
    void dispatch(const RequestHead& head, std::string_view body);
    bool mayAsk(const RequestHead& head, bool forEngine);
    void refuse(const HttpError& error, RequestHead head = {}, const HeaderList& headers = {});
    void endWith(RequestHead head, int status, std::string_view body,
                 const HeaderList& headers = {});
    void askWhetherItReads();
    PendingAnswer& addPending(const RequestHead& head);
    PendingAnswer* findUnanswered(std::uint64_t number);
    void fill(PendingAnswer& pending, int status, std::string_view contentType,
              std::string_view body, HeaderList headers);
    Phase currentPhase() const;
    void updateDeadline(bool progressed);

    HttpProtocol& protocol_;
    TcpConnection& connection_;
    std::string rest_;                      // received, not parsed yet
    std::size_t scanned_ = 0;               // bytes of `rest_` without the head's end
    std::unique_ptr<RequestHead> head_;     // of the request whose body is awaited
    std::unique_ptr<ChunkedBody> chunked_;  // that body, if it comes in chunks
    std::string postingTo_;  // the sid that was told of a POST which is arriving; or empty
    bool continueSent_ = false;
    bool last_ = false;  // no request is read after the ones in `pending_`
    Phase phase_ = Phase::none;
    std::uint32_t requests_ = 0;
    std::uint32_t phaseRequests_ = 0;  // `requests_` when the phase began
    std::vector<PendingAnswer> pending_;
    std::unique_ptr<Upgrade> upgrade_;
    std::optional<LoopIndex> movingTo_;
};

}  // namespace parley::net
