#include "net/http_protocol.h"

#include "net/address_table.h"
#include "net/log_words.h"

#include <parley/core/logging.h>

#include <utility>

namespace parley::net {
namespace {

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

/// Refused pages retry again and again: the log names one a minute.
constexpr Millis kRefusalLogPause{60'000};

}  // namespace

HttpProtocol::HttpProtocol(const Options& options, std::shared_ptr<const WebAccess> access,
                           const TrustedProxies& proxies, const Clock& clock, LoopIndex loop,
                           std::size_t loops, Connections& connections, SlowClients& slow,
                           WebSocketProtocol& webSockets, LoopCounters& counters)
    : options_(options),
      access_(std::move(access)),
      proxies_(proxies),
      clock_(clock),
      loop_(loop),
      loops_(loops),
      connections_(connections),
      slow_(slow),
      webSockets_(webSockets),
      counters_(counters) {}

void HttpProtocol::serve(Service& service, engineio::Endpoint& engine) {
    service_ = &service;
    engine_ = &engine;
}

void HttpProtocol::begin(TcpConnection& connection, std::string_view rest) {
    connection.http = std::make_unique<HttpConnection>(*this, connection);
    if (stopping_) connection.http->readNoMore();
    if (!rest.empty()) receive(connection, rest);
}

void HttpProtocol::stop() {
    stopping_ = true;
    connections_.forEach([this](TcpConnection& connection) {
        if (connection.state != ConnectionState::http) return;
        connection.http->readNoMore();
        connections_.markDirty(connection);
    });
}

void HttpProtocol::receive(TcpConnection& connection, std::string_view bytes) {
    connection.http->receive(bytes);
    openIfUpgraded(connection);
}

void HttpProtocol::settled(TcpConnection& connection) {
    connection.http->settled();
    openIfUpgraded(connection);
}

// Not called from within HttpConnection, which this destroys.
void HttpProtocol::openIfUpgraded(TcpConnection& connection) {
    if (const auto upgrade = connection.http->takeUpgrade()) {
        webSockets_.open(connection, upgrade->handshake, engineio::parseQuery(upgrade->head.query),
                         credentialsOf(connection, upgrade->head), upgrade->early);
    }
}

void HttpProtocol::flushed(TcpConnection& connection, std::optional<std::size_t> written) {
    if (written) connection.http->flushed(*written > 0);
    slow_.flushed(connection, written);
}

void HttpProtocol::ended(TcpConnection& connection) {
    slow_.forget(connection);
    connection.http->abortRequests();
}

void HttpProtocol::answer(std::uint64_t number, int status, std::string_view contentType,
                          std::string_view body, HeaderList headers) {
    TcpConnection* connection = connections_.findAsking(number);
    if (!connection || !connection->http) return;
    if (connection->http->answer(number, status, contentType, body, std::move(headers))) {
        connections_.markDirty(*connection);
    }
}

void HttpProtocol::answerOwnPagesOnly(std::uint64_t number) {
    TcpConnection* connection = connections_.findAsking(number);
    if (connection && connection->http) connection->http->answerOwnPagesOnly(number);
}

void HttpProtocol::countAs(std::uint64_t number, std::size_t route) {
    TcpConnection* connection = connections_.findAsking(number);
    if (connection && connection->http) connection->http->countAs(number, route);
}

bool HttpProtocol::isEngine(std::string_view path) const {
    const std::string_view own = options_.engineio.path;
    return path == own || (own.ends_with('/') && path == own.substr(0, own.size() - 1));
}

bool HttpProtocol::answersPreflight(const RequestHead& head) const {
    return head.method == "OPTIONS" && access_->answersPreflights() &&
           !service_->isForOwnPages(head.path);
}

LoopIndex HttpProtocol::ownerOf(std::string_view sid) const {
    if (sid.empty()) return loop_;
    const auto owner = engineio::Endpoint::loopOf(sid);
    return owner && owner->value < loops_ ? *owner : loop_;
}

engineio::Credentials HttpProtocol::credentialsOf(const TcpConnection& connection,
                                                  const RequestHead& head) const {
    engineio::Credentials credentials{head.authorization, head.cookie, connection.address,
                                      head.forwarded, WebAccess::isOwnPage(head)};
    if (!connection.proxied || !head.forwarded) return credentials;
    if (const auto client = proxies_.clientIn(head.forwardedFor)) {
        credentials.client = AddressTable::keyOf(*client);
        credentials.clientIsDoubtful = false;
    } else if (proxies_.areAll(head.forwardedFor)) {
        credentials.clientIsDoubtful = false;
    }
    return credentials;
}

void HttpProtocol::dispatch(const TcpConnection& connection, std::uint64_t number,
                            const RequestHead& head, std::string_view body) {
    const engineio::Credentials credentials = credentialsOf(connection, head);
    if (isEngine(head.path)) {
        engine_->onRequest({number, head.method, head.query, body, credentials});
        return;
    }
    const std::string_view method = head.method == "HEAD" ? std::string_view("GET") : head.method;
    service_->onHttp({.number = number,
                      .method = method,
                      .path = head.path,
                      .query = head.query,
                      .contentType = head.contentType,
                      .ifNoneMatch = head.ifNoneMatch,
                      .parleyPosition = head.parleyPosition,
                      .acceptsGzip = head.acceptsGzip,
                      .body = body,
                      .credentials = credentials});
}

void HttpProtocol::abort(std::uint64_t number, bool byEngine) {
    if (byEngine) {
        engine_->onRequestAborted(number);
    } else {
        service_->onHttpAborted(number);
    }
}

bool HttpProtocol::mayTakeLong(std::uint64_t number) const {
    return service_->mayTakeLong(number);
}

std::optional<HttpProtocol::Refusal> HttpProtocol::refusalOf(const RequestHead& head,
                                                             bool forEngine) {
    const auto refusal = access_->refusalOf(head, forEngine);
    if (!refusal) return std::nullopt;
    count(*refusal);
    logRefusal(head, *refusal);
    if (!forEngine) return Refusal{refusal->status, errorBody(*refusal)};
    const std::string message =
        std::string(errorInfo(refusal->code).name) + ": " + refusal->message;
    const auto code = refusal->status == 403 ? engineio::RefusalCode::forbidden
                                             : engineio::RefusalCode::badRequest;
    return Refusal{refusal->status,
                   engineio::Refusal{refusal->status, static_cast<int>(code), message}.body()};
}

void HttpProtocol::count(const HttpError& error) {
    counters_.count(refusedFor(error.status));
}

/// Logs the refusal, so that an operator sees which setting keeps a page out.
void HttpProtocol::logRefusal(const RequestHead& head, const HttpError& error) {
    const Millis now = clock_.monotonic();
    if (now < nextRefusalLog_) return;
    nextRefusalLog_ = now + kRefusalLogPause;
    logger().warn("page_refused code={} origin={} host={}", errorInfo(error.code).name,
                  head.origin ? originForLog(*head.origin) : "",
                  head.host ? hostForLog(*head.host) : "");
}

}  // namespace parley::net
