#include "net/http_connection.h"

#include "net/connections.h"
#include "net/http_protocol.h"
#include "net/ws_frame.h"

#include <algorithm>
#include <utility>

namespace parley::net {
namespace {

/// Requests of one connection that may be worked on at once; further ones wait in its buffer.
constexpr std::size_t kPipelinedMax = 16;
/// Response bytes that may wait before further requests of the same connection are read.
constexpr std::size_t kResponseBytesMax = 1'000'000;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kProcessing = "HTTP/1.1 102 Processing\r\n\r\n";

}  // namespace

HttpConnection::HttpConnection(HttpProtocol& protocol, TcpConnection& connection)
    : protocol_(protocol), connection_(connection) {}

bool HttpConnection::mayRead() const {
    return connection_.state == ConnectionState::http && !connection_.dropped && !last_ &&
           !upgrade_;
}

// ---- requests

void HttpConnection::receive(std::string_view bytes) {
    if (last_) return;  // no further request will be answered
    rest_.append(bytes);
    connection_.stalled = false;
    std::size_t used = 0;
    while (mayRead() && readRequest(used)) {
    }
    rest_.erase(0, used);
    if (last_) rest_.clear();
    if (rest_.empty()) rest_.shrink_to_fit();
}

/// Reads one request from `rest_` at `used`. False when none is whole, or none may be read now.
bool HttpConnection::readRequest(std::size_t& used) {
    if (pending_.size() >= kPipelinedMax || connection_.outbox.bytesWaiting() > kResponseBytesMax) {
        connection_.stalled = used < rest_.size();
        return false;
    }
    if (!head_ && !readHead(used)) return false;
    const std::size_t length = static_cast<std::size_t>(head_->contentLength);
    const bool whole = chunked_ ? readChunks(used) : rest_.size() - used >= length;
    if (!whole) {
        if (mayRead()) awaitBody();
        return false;
    }
    withdrawPost();
    const auto head = std::move(head_);
    continueSent_ = false;
    const auto chunked = std::move(chunked_);
    const std::string_view body =
        chunked ? chunked->body() : std::string_view(rest_).substr(used, length);
    used += length;
    dispatch(*head, body);
    return true;
}

/// Reads a head from `rest_` at `used`. False when the request cannot go on here and now.
bool HttpConnection::readHead(std::size_t& used) {
    // RFC 9112, 2.2: an empty line before a request is ignored.
    while (scanned_ == 0 && rest_.compare(used, 2, "\r\n") == 0) used += 2;
    if (scanned_ == 0 && rest_.compare(used, 2, "\r") == 0) return false;  // half of one
    const std::string_view rest = std::string_view(rest_).substr(used);
    const Options& options = protocol_.options();
    const HeadLimits limits{options.httpHeaderBytesMax, options.httpUriBytesMax};
    const auto end = findHeadEnd(rest, scanned_, limits);
    if (const auto* error = std::get_if<HttpError>(&end)) {
        refuse(*error);
        return false;
    }
    const std::size_t length = std::get<std::size_t>(end);
    if (length == 0) return false;
    scanned_ = 0;
    auto parsed = parseHead(rest.substr(0, length), limits);
    if (const auto* error = std::get_if<HttpError>(&parsed)) {
        refuse(*error);
        return false;
    }
    RequestHead& head = std::get<RequestHead>(parsed);
    const bool forEngine = protocol_.isEngine(head.path);
    if (!mayAsk(head, forEngine)) return false;
    if (forEngine && leavesHttp(head, used, length)) return false;
    if (!startBody(std::move(head), forEngine)) return false;
    used += length;
    return true;
}

/// Awaits the body of `head`; refuses one that is known to be too large.
bool HttpConnection::startBody(RequestHead head, bool forEngine) {
    const Options& options = protocol_.options();
    const std::size_t bodyMax =
        forEngine ? options.engineio.maxPayloadBytes : options.httpBodyBytesMax;
    if (head.contentLength > bodyMax) {
        refuse({413, "the body is larger than the server accepts", ErrorCode::payload_too_large},
               std::move(head));
        return false;
    }
    if (head.chunked) {
        chunked_ = std::make_unique<ChunkedBody>(bodyMax, options.httpHeaderBytesMax);
    }
    head_ = std::make_unique<RequestHead>(std::move(head));
    return true;
}

/// Whether the body is whole; refuses one that is malformed.
bool HttpConnection::readChunks(std::size_t& used) {
    const auto taken = chunked_->feed(std::string_view(rest_).substr(used));
    if (const auto* error = std::get_if<HttpError>(&taken)) {
        refuse(*error, *head_);
        return false;
    }
    used += std::get<std::size_t>(taken);
    return chunked_->done();
}

void HttpConnection::awaitBody() {
    if (!announcePost()) return;
    if (!head_->expectContinue || std::exchange(continueSent_, true)) return;
    PendingAnswer& pending = pending_.emplace_back();
    pending.bytes = kContinue;
    pending.ready = true;
    protocol_.connections().markDirty(connection_);
}

/// Tells the session that the POST of `head_` is arriving, so that no other overtakes it. False:
/// the POST was refused.
bool HttpConnection::announcePost() {
    if (!postingTo_.empty() || head_->method != "POST") return true;
    if (!protocol_.isEngine(head_->path)) return true;
    std::string sid = engineio::parseQuery(head_->query).sid;
    if (sid.empty()) return true;
    if (const auto refusal =
            protocol_.engine().onPostBegins(sid, protocol_.credentialsOf(connection_, *head_))) {
        endWith(*head_, refusal->httpStatus, refusal->body());
        return false;
    }
    postingTo_ = std::move(sid);
    return true;
}

void HttpConnection::withdrawPost() {
    if (!postingTo_.empty()) protocol_.engine().onPostEnds(std::exchange(postingTo_, {}));
}

/// Whether the request, whose head of `length` bytes stands in `rest_` at `used`, takes the
/// connection to another loop or opens a WebSocket, or will once the answers before it have left
/// from here.
bool HttpConnection::leavesHttp(const RequestHead& head, std::size_t& used, std::size_t length) {
    const LoopIndex owner = protocol_.ownerOf(engineio::parseQuery(head.query).sid);
    const bool moves = owner != protocol_.loop();
    const bool opens = head.upgrade && head.connectionUpgrade && head.method == "GET";
    if (!moves && !opens) return false;
    // Bytes that this loop still has to send count as its own: they cannot move.
    if (!pending_.empty() || (moves && !connection_.outbox.empty())) {
        connection_.stalled = true;
    } else if (moves) {
        rest_.erase(0, std::exchange(used, 0));
        movingTo_ = owner;
        protocol_.connections().drop(connection_);
    } else {
        upgrade(head, rest_.substr(used + length));
    }
    return true;
}

void HttpConnection::upgrade(const RequestHead& head, std::string early) {
    const auto accept = webSocketAccept(head.webSocketKey);
    if (head.webSocketVersion != "13") {
        return refuse({426, "only version 13 of WebSocket is spoken"}, head,
                      {{"Sec-WebSocket-Version", "13"}, {"Upgrade", "websocket"}});
    }
    if (!accept || head.http10 || head.hasBody()) {
        return refuse({400, "WebSocket handshake"}, head);
    }
    const engineio::Query query = engineio::parseQuery(head.query);
    if (const auto refusal =
            protocol_.engine().checkWebSocket(query, protocol_.credentialsOf(connection_, head))) {
        return endWith(head, refusal->httpStatus, refusal->body(), headersOf(*refusal));
    }
    upgrade_ = std::make_unique<Upgrade>(
        Upgrade{head, encodeHandshake(*accept, head.webSocketProtocol), std::move(early)});
}

void HttpConnection::dispatch(const RequestHead& head, std::string_view body) {
    PendingAnswer& pending = addPending(head);
    if (protocol_.answersPreflight(head)) {
        pending.bytes = encodeResponse(204, {}, {}, protocol_.access().preflight(head),
                                       pending.shape, protocol_.clock().now());
        pending.ready = true;
        protocol_.connections().markDirty(connection_);
        return;
    }
    pending.byEngine = protocol_.isEngine(head.path);
    protocol_.dispatch(connection_, pending.number, head, body);
}

void HttpConnection::abortRequests() {
    withdrawPost();
    for (const auto& pending : pending_) {
        if (!pending.ready) protocol_.abort(pending.number, pending.byEngine);
    }
}

// ---- refusals

/// Whether Host and Origin allow the request; refuses it otherwise. The only place that asks.
bool HttpConnection::mayAsk(const RequestHead& head, bool forEngine) {
    const auto refusal = protocol_.refusalOf(head, forEngine);
    if (!refusal) return true;
    RequestHead unnamed = head;
    unnamed.origin.reset();  // without CORS headers: the page must not read even the reason
    endWith(std::move(unnamed), refusal->status, refusal->body);
    return false;
}

/// Answers with an error of HTTP itself, and reads no further request. `head`: as much of the
/// request as is known.
void HttpConnection::refuse(const HttpError& error, RequestHead head, const HeaderList& headers) {
    protocol_.count(error);
    endWith(std::move(head), error.status, errorBody(error), headers);
}

void HttpConnection::endWith(RequestHead head, int status, std::string_view body,
                             const HeaderList& headers) {
    withdrawPost();  // its body is not awaited any more
    head.keepAlive = false;
    fill(addPending(head), status, "application/json", body, headers);
    protocol_.connections().markDirty(connection_);
}

// ---- answers

HttpConnection::PendingAnswer& HttpConnection::addPending(const RequestHead& head) {
    PendingAnswer& pending = pending_.emplace_back();
    pending.number = protocol_.connections().newRequestNumber(connection_);
    pending.shape = {head.http10, head.keepAlive && !protocol_.isStopping(), head.method == "HEAD",
                     protocol_.options().tls.isOn()};
    pending.origin = head.origin.value_or(std::string());
    if (!pending.shape.keepAlive) last_ = true;
    ++requests_;
    return pending;
}

void HttpConnection::fill(PendingAnswer& pending, int status, std::string_view contentType,
                          std::string_view body, HeaderList headers) {
    if (pending.ownPagesOnly) {
        std::erase_if(headers, [](const auto& header) {
            return std::string_view(header.first).starts_with("Access-Control-");
        });
        headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    } else {
        protocol_.access().append(headers, pending.origin);
    }
    pending.bytes =
        encodeResponse(status, contentType, body, headers, pending.shape, protocol_.clock().now());
    pending.ready = true;
    protocol_.countAnswer(pending.byEngine ? kEngineRoute : pending.route, status);
}

HttpConnection::PendingAnswer* HttpConnection::findUnanswered(std::uint64_t number) {
    const auto asked = std::find_if(pending_.begin(), pending_.end(), [&](const auto& pending) {
        return pending.number == number && !pending.ready;
    });
    return asked == pending_.end() ? nullptr : &*asked;
}

void HttpConnection::answerOwnPagesOnly(std::uint64_t number) {
    if (PendingAnswer* asked = findUnanswered(number)) asked->ownPagesOnly = true;
}

void HttpConnection::countAs(std::uint64_t number, std::size_t route) {
    if (PendingAnswer* asked = findUnanswered(number)) {
        asked->route = static_cast<std::uint8_t>(route);
    }
}

bool HttpConnection::answer(std::uint64_t number, int status, std::string_view contentType,
                            std::string_view body, HeaderList headers) {
    PendingAnswer* asked = findUnanswered(number);
    if (!asked) return false;
    fill(*asked, status, contentType, body, std::move(headers));
    return true;
}

void HttpConnection::fillOutbox() {
    std::size_t ready = 0;
    for (; ready < pending_.size() && pending_[ready].ready; ++ready) {
        connection_.outbox.push(std::move(pending_[ready].bytes), protocol_.connections().pool());
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(ready));
    if (pending_.empty() && pending_.capacity() > 1) pending_.shrink_to_fit();
}

void HttpConnection::settled() {
    if (last_ && pending_.empty()) return protocol_.connections().finish(connection_);
    if (connection_.stalled) receive({});
    if (!upgrade_) updateDeadline(false);
}

bool HttpConnection::onReadClosed() {
    if (connection_.outbox.empty() && pending_.empty()) return false;
    // A poll whose client went away must not take messages that would not arrive.
    const bool polling = std::any_of(pending_.begin(), pending_.end(), [](const auto& pending) {
        return pending.byEngine && !pending.ready;
    });
    if (polling) return false;
    const bool mayTakeLong =
        std::any_of(pending_.begin(), pending_.end(), [&](const auto& pending) {
            return !pending.ready && protocol_.mayTakeLong(pending.number);
        });
    if (mayTakeLong) askWhetherItReads();
    last_ = true;
    return true;
}

/// Sends what a client ignores that still reads. From the machine of one that has gone comes a
/// reset, which ends the connection.
void HttpConnection::askWhetherItReads() {
    const auto next = std::find_if(pending_.begin(), pending_.end(),
                                   [](const auto& pending) { return !pending.ready; });
    if (next->shape.http10) return;  // it knows of no answer before the answer
    PendingAnswer& asking = *pending_.emplace(next);
    asking.bytes = kProcessing;
    asking.ready = true;
    protocol_.connections().markDirty(connection_);
}

// ---- time limits

HttpConnection::Phase HttpConnection::currentPhase() const {
    if (!connection_.outbox.empty()) return Phase::writing;
    if (connection_.stalled) return Phase::answering;
    if (head_) return Phase::body;
    if (!rest_.empty()) return Phase::head;
    return pending_.empty() ? Phase::idle : Phase::answering;
}

/// Sets the time limit of the current phase; a new one only where the phase is new, or
/// `progressed`.
void HttpConnection::updateDeadline(bool progressed) {
    if (connection_.state != ConnectionState::http) return;
    const Phase phase = currentPhase();
    if (phase == phase_ && requests_ == phaseRequests_ && !progressed) return;
    phase_ = phase;
    phaseRequests_ = requests_;
    const Options& options = protocol_.options();
    const auto within = [this](Millis limit) {
        protocol_.connections().setDeadline(connection_, protocol_.clock().monotonic() + limit);
    };
    switch (phase) {
        case Phase::head: return within(options.headerTimeout);
        case Phase::body: return within(options.bodyTimeout);
        case Phase::idle:
            // A connection that has not sent a request yet gets less time than a kept-alive one.
            return within(requests_ == 0 ? options.headerTimeout : options.idleTimeout);
        case Phase::writing: return within(options.idleTimeout);
        case Phase::none:
        case Phase::answering: return protocol_.connections().setDeadline(connection_, Millis{0});
    }
}

void HttpConnection::onDeadline() {
    const bool arriving = phase_ == Phase::head || phase_ == Phase::body;
    if (phase_ != Phase::none && phase_ != Phase::answering) {
        protocol_.count(phase_ == Phase::head   ? Refused::headerTimeout
                        : phase_ == Phase::body ? Refused::bodyTimeout
                                                : Refused::idleTimeout);
    }
    if (!arriving) return protocol_.connections().drop(connection_);
    endWith(head_ ? *head_ : RequestHead{}, 408,
            errorBody({408, "the request took too long to arrive"}));
}

}  // namespace parley::net
