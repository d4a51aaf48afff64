#include "net/io_loop.h"

#include <parley/core/logging.h>

#include <algorithm>
#include <utility>

/// HTTP/1.1 on a loop's connections: requests in, answers out in their order.
namespace parley::net {
namespace {

/// Requests of one connection that may be worked on at once; further ones wait in its buffer.
constexpr std::size_t kPipelinedMax = 16;
/// Response bytes that may wait before further requests of the same connection are taken.
constexpr std::size_t kResponseBytesMax = 1'000'000;

Refused refusedFor(int status) {
    switch (status) {
        case 403: return Refused::origin;
        case 413: return Refused::bodyTooLarge;
        case 414: return Refused::uriTooLong;
        case 415: return Refused::mediaType;
        case 421: return Refused::misdirected;
        case 431: return Refused::headerTooLarge;
        default: return Refused::malformed;
    }
}

/// Refused pages come back again and again: the log names one a minute.
constexpr Millis kRefusalLogPause{60'000};
constexpr std::size_t kLoggedBytesMax = 200;

/// A client's own text for the log: bounded, without what is not printable.
std::string logged(const std::optional<std::string>& text) {
    std::string out = text.value_or("").substr(0, kLoggedBytesMax);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
    return out;
}

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

bool IoLoop::mayRead(const Connection& connection) const {
    const HttpState& http = *connection.http;
    return connection.state == ConnectionState::http && !connection.doomed && !http.last;
}

void IoLoop::processHttp(Connection& connection, std::string_view bytes) {
    HttpState& http = *connection.http;
    if (http.last) return;  // whatever it says now, it will not be answered
    http.rest.append(bytes);
    http.stalled = false;
    std::size_t used = 0;
    while (mayRead(connection) && processOne(connection, used)) {
    }
    if (connection.state != ConnectionState::http) return;
    http.rest.erase(0, used);
    if (http.last) http.rest.clear();
    if (http.rest.empty()) http.rest.shrink_to_fit();
}

/// Takes one request from `rest` at `used`. False when there is none to be had now.
bool IoLoop::processOne(Connection& connection, std::size_t& used) {
    HttpState& http = *connection.http;
    if (http.pending.size() >= kPipelinedMax ||
        connection.outbox.bytesWaiting() > kResponseBytesMax) {
        http.stalled = used < http.rest.size();
        return false;
    }
    if (!http.head && !startRequest(connection, used)) return false;
    const std::size_t length = static_cast<std::size_t>(http.head->contentLength);
    const bool whole =
        http.chunked ? readChunks(connection, used) : http.rest.size() - used >= length;
    if (!whole) {
        if (mayRead(connection)) awaitBody(connection);
        return false;
    }
    withdrawPost(connection);
    RequestHead head = std::move(*http.head);
    http.head.reset();
    http.continueSent = false;
    const auto chunked = std::move(http.chunked);
    const std::string_view body =
        chunked ? chunked->body() : std::string_view(http.rest).substr(used, length);
    used += length;
    dispatch(connection, std::move(head), body);
    return true;
}

/// Whether the body is whole; refuses what cannot be one.
bool IoLoop::readChunks(Connection& connection, std::size_t& used) {
    HttpState& http = *connection.http;
    const auto taken = http.chunked->feed(std::string_view(http.rest).substr(used));
    if (const auto* error = std::get_if<HttpError>(&taken)) {
        refuse(connection, *error, *http.head);
        return false;
    }
    used += std::get<std::size_t>(taken);
    return http.chunked->done();
}

void IoLoop::awaitBody(Connection& connection) {
    HttpState& http = *connection.http;
    announcePost(connection);
    if (!http.head->expectContinue || std::exchange(http.continueSent, true)) return;
    PendingAnswer& pending = http.pending.emplace_back();
    pending.bytes = kContinue;
    pending.ready = true;
    markDirty(connection);
}

/// Lets the session know that the POST of `head` is on its way, so that no other overtakes it.
void IoLoop::announcePost(Connection& connection) {
    HttpState& http = *connection.http;
    if (!http.postingTo.empty() || http.head->method != "POST") return;
    const int endpoint = endpointOf(http.head->path);
    if (endpoint < 0) return;
    http.postingTo = engineio::parseQuery(http.head->query).sid;
    if (http.postingTo.empty()) return;
    connection.endpoint = static_cast<std::uint8_t>(endpoint);
    engines_[connection.endpoint]->onPostBegins(http.postingTo);
}

void IoLoop::withdrawPost(Connection& connection) {
    HttpState& http = *connection.http;
    if (http.postingTo.empty()) return;
    engines_[connection.endpoint]->onPostEnds(std::exchange(http.postingTo, {}));
}

/// Reads a head from `rest` at `used`. False when the request cannot go on here and now.
bool IoLoop::startRequest(Connection& connection, std::size_t& used) {
    HttpState& http = *connection.http;
    // RFC 9112, 2.2: an empty line before a request is ignored.
    while (http.scanned == 0 && http.rest.compare(used, 2, "\r\n") == 0) used += 2;
    if (http.scanned == 0 && http.rest.compare(used, 2, "\r") == 0) return false;  // half of one
    const std::string_view rest = std::string_view(http.rest).substr(used);
    const Options& options = shared_.options;
    const HeadLimits limits{options.httpHeaderBytesMax, options.httpUriBytesMax};
    const auto end = findHeadEnd(rest, http.scanned, limits);
    if (const auto* error = std::get_if<HttpError>(&end)) {
        refuse(connection, *error);
        return false;
    }
    const std::size_t length = std::get<std::size_t>(end);
    if (length == 0) return false;
    http.scanned = 0;
    auto parsed = parseHead(rest.substr(0, length), limits);
    if (const auto* error = std::get_if<HttpError>(&parsed)) {
        refuse(connection, *error);
        return false;
    }
    RequestHead& head = std::get<RequestHead>(parsed);
    const int endpoint = endpointOf(head.path);
    if (!mayAsk(connection, head, endpoint)) return false;
    if (endpoint >= 0 && leavesHttp(connection, head, endpoint, used, length)) return false;
    const std::size_t bodyMax =
        endpoint < 0 ? options.httpBodyBytesMax : endpointOptions(endpoint).maxPayloadBytes;
    if (head.contentLength > bodyMax) {
        refuse(connection,
               {413, "the body is larger than the server accepts", ErrorCode::payload_too_large},
               std::move(head));
        return false;
    }
    used += length;
    if (head.chunked) {
        http.chunked = std::make_unique<ChunkedBody>(bodyMax, options.httpHeaderBytesMax);
    }
    http.head = std::move(head);
    return true;
}

/// Whether the request, whose head of `length` bytes stands in `rest` at `used`, takes the
/// connection to another loop or opens a WebSocket, or will once the answers before it have left
/// from here.
bool IoLoop::leavesHttp(Connection& connection, const RequestHead& head, int endpoint,
                        std::size_t& used, std::size_t length) {
    HttpState& http = *connection.http;
    IoLoop* owner = ownerOf(endpoint, engineio::parseQuery(head.query).sid);
    const bool opens = head.upgrade && head.connectionUpgrade && head.method == "GET";
    if (owner == this && !opens) return false;
    if (!http.pending.empty()) {
        http.stalled = true;
    } else if (owner != this) {
        http.rest.erase(0, std::exchange(used, 0));
        http.movingTo = owner;
        doom(connection);
    } else {
        connection.endpoint = static_cast<std::uint8_t>(endpoint);
        const std::string early = http.rest.substr(used + length);
        openWebSocket(connection, head, early);
    }
    return true;
}

int IoLoop::endpointOf(std::string_view path) const {
    const auto matches = [path](const engineio::Options& options) {
        const std::string_view own = options.path;
        return path == own || (own.ends_with('/') && path == own.substr(0, own.size() - 1));
    };
    if (matches(shared_.options.engineio)) return 0;
    for (std::size_t i = 0; i < shared_.options.furtherEndpoints.size(); ++i) {
        if (matches(shared_.options.furtherEndpoints[i])) return static_cast<int>(i) + 1;
    }
    return -1;
}

const engineio::Options& IoLoop::endpointOptions(int endpoint) const {
    const Options& options = shared_.options;
    return endpoint == 0 ? options.engineio
                         : options.furtherEndpoints[static_cast<std::size_t>(endpoint) - 1];
}

/// The loop that made `sid`; this one when nobody did, which then refuses it.
IoLoop* IoLoop::ownerOf(int endpoint, std::string_view sid) const {
    IoLoop* here = shared_.loops[index_.value];
    if (sid.empty()) return here;
    const auto origin = engineio::Server::loopOf(sid);
    if (!origin) return here;
    const std::size_t count = shared_.loops.size();
    if (origin->value / count != static_cast<std::size_t>(endpoint)) return here;
    return shared_.loops[origin->value % count];
}

void IoLoop::handOver(std::unique_ptr<Connection> connection) {
    IoLoop* target = std::exchange(connection->http->movingTo, nullptr);
    // A task must be copyable, which a unique_ptr is not.
    const auto shared = std::make_shared<std::unique_ptr<Connection>>(std::move(connection));
    target->post([target, shared] { target->adopt(std::move(*shared)); });
}

PendingAnswer& IoLoop::addPending(Connection& connection, const RequestHead& head) {
    HttpState& http = *connection.http;
    PendingAnswer& pending = http.pending.emplace_back();
    pending.number = connections_.newNumber(connection.number);
    pending.shape = {head.http10, head.keepAlive && !stopping_, head.method == "HEAD"};
    pending.origin = head.origin.value_or(std::string());
    if (!pending.shape.keepAlive) http.last = true;
    ++http.requests;
    return pending;
}

void IoLoop::dispatch(Connection& connection, RequestHead head, std::string_view body) {
    const int endpoint = endpointOf(head.path);
    PendingAnswer& pending = addPending(connection, head);
    pending.endpoint = endpoint;
    const std::uint64_t number = pending.number;
    if (head.method == "OPTIONS" && shared_.access.answersPreflights()) {
        pending.endpoint = -1;
        pending.bytes = encodeResponse(204, {}, {}, shared_.access.preflight(head), pending.shape,
                                       shared_.clock.now());
        pending.ready = true;
        markDirty(connection);
    } else if (endpoint >= 0) {
        engines_[static_cast<std::size_t>(endpoint)]->onRequest(
            {number, head.method, head.query, body});
    } else {
        const std::string_view method =
            head.method == "HEAD" ? std::string_view("GET") : head.method;
        service_->onHttp({number, method, head.path, head.query, head.contentType, body});
    }
}

/// Its client is gone: nobody need work on its requests any more.
void IoLoop::abortRequests(Connection& connection) {
    withdrawPost(connection);
    for (const auto& pending : connection.http->pending) {
        if (pending.ready) continue;
        if (pending.endpoint >= 0) {
            engines_[static_cast<std::size_t>(pending.endpoint)]->onRequestAborted(pending.number);
        } else {
            service_->onHttpAborted(pending.number);
        }
    }
}

/// The one place where it is decided who may ask; refuses them who may not.
bool IoLoop::mayAsk(Connection& connection, const RequestHead& head, int endpoint) {
    const auto refusal = shared_.access.refusalOf(head);
    if (!refusal) return true;
    counters_.count(refusedFor(refusal->status));
    logRefusal(head, *refusal);
    RequestHead unnamed = head;
    unnamed.origin.reset();  // the page is to read nothing, not even why
    std::string body = errorBody(*refusal);
    if (endpoint >= 0) {
        const std::string message =
            std::string(errorInfo(refusal->code).name) + ": " + refusal->message;
        const auto code = refusal->status == 403 ? engineio::RefusalCode::forbidden
                                                 : engineio::RefusalCode::badRequest;
        body = engineio::Refusal{refusal->status, static_cast<int>(code), message}.body();
    }
    endWith(connection, std::move(unnamed), refusal->status, body);
    return false;
}

/// Whoever runs the server needs to see which setting keeps a page out.
void IoLoop::logRefusal(const RequestHead& head, const HttpError& error) {
    const Millis now = shared_.clock.monotonic();
    if (now < nextRefusalLog_) return;
    nextRefusalLog_ = now + kRefusalLogPause;
    logger().warn("page_refused code={} origin={} host={}", errorInfo(error.code).name,
                  logged(head.origin), logged(head.host));
}

/// Answers in the name of HTTP itself and reads nothing more. `head`: of the request, where that
/// much is known.
void IoLoop::refuse(Connection& connection, const HttpError& error, RequestHead head,
                    const HeaderList& headers) {
    if (error.status != 408) counters_.count(refusedFor(error.status));  // 408: counted by phase
    endWith(connection, std::move(head), error.status, errorBody(error), headers);
}

void IoLoop::endWith(Connection& connection, RequestHead head, int status, std::string_view body,
                     const HeaderList& headers) {
    withdrawPost(connection);  // its body is not awaited any more
    head.keepAlive = false;
    PendingAnswer& pending = addPending(connection, head);
    fill(pending, status, "application/json", body, headers);
    markDirty(connection);
}

void IoLoop::fill(PendingAnswer& pending, int status, std::string_view contentType,
                  std::string_view body, HeaderList headers) {
    shared_.access.append(headers, pending.origin);
    pending.bytes =
        encodeResponse(status, contentType, body, headers, pending.shape, shared_.clock.now());
    pending.ready = true;
}

void IoLoop::answer(std::uint64_t number, int status, std::string_view contentType,
                    std::string_view body, HeaderList headers) {
    Connection* connection = connections_.findBySlotOf(number);
    if (!connection || !connection->http) return;
    for (auto& pending : connection->http->pending) {
        if (pending.number != number || pending.ready) continue;
        fill(pending, status, contentType, body, std::move(headers));
        markDirty(*connection);
        return;
    }
}

void IoLoop::respond(std::uint64_t request, HttpResponse response) {
    answer(request, response.status, response.contentType, response.body,
           std::move(response.headers));
}

void IoLoop::respond(engineio::RequestNumber number, int status, std::string_view contentType,
                     std::string body) {
    answer(number, status, contentType, body, {{"Cache-Control", "no-store"}});
}

void IoLoop::settleHttp(Connection& connection) {
    HttpState& http = *connection.http;
    std::size_t ready = 0;
    while (ready < http.pending.size() && http.pending[ready].ready) {
        connection.outbox.push(std::move(http.pending[ready].bytes), pool_);
        ++ready;
    }
    http.pending.erase(http.pending.begin(),
                       http.pending.begin() + static_cast<std::ptrdiff_t>(ready));
    if (http.pending.empty() && http.pending.capacity() > 1) http.pending.shrink_to_fit();
    flush(connection);
    if (connection.doomed) return;
    if (http.last && http.pending.empty()) {
        finish(connection);
        return;
    }
    if (http.stalled) processHttp(connection, {});
    if (connection.state == ConnectionState::http) updateHttpDeadline(connection, false);
}

/// Sets the time limit of what the connection does now; a new one only when that has changed.
void IoLoop::updateHttpDeadline(Connection& connection, bool progressed) {
    HttpState& http = *connection.http;
    if (connection.state != ConnectionState::http) return;
    HttpPhase phase = HttpPhase::idle;
    if (!connection.outbox.empty()) {
        phase = HttpPhase::writing;
    } else if (http.stalled) {
        phase = HttpPhase::answering;
    } else if (http.head) {
        phase = HttpPhase::body;
    } else if (!http.rest.empty()) {
        phase = HttpPhase::head;
    } else if (!http.pending.empty()) {
        phase = HttpPhase::answering;
    }
    if (phase == http.phase && http.requests == http.phaseRequests && !progressed) return;
    const bool fresh = http.requests == 0;
    http.phase = phase;
    http.phaseRequests = http.requests;
    const Options& options = shared_.options;
    const Millis now = shared_.clock.monotonic();
    switch (phase) {
        case HttpPhase::head: return deadlines_.set(connection, now + options.headerTimeout);
        case HttpPhase::body: return deadlines_.set(connection, now + options.bodyTimeout);
        case HttpPhase::idle:
            // A connection that never says anything is not worth the wait of one that did.
            return deadlines_.set(connection,
                                  now + (fresh ? options.headerTimeout : options.idleTimeout));
        case HttpPhase::writing: return deadlines_.set(connection, now + options.idleTimeout);
        case HttpPhase::none:
        case HttpPhase::answering: return deadlines_.set(connection, Millis{0});
    }
}

}  // namespace parley::net
