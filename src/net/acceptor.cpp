#include "net/acceptor.h"

#include "net/io_loop.h"
#include "net/port_owner.h"
#include "net/tls_transport.h"

#include <parley/core/logging.h>

#include <Poco/Net/DNS.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/socket.h>
#include <utility>

namespace parley::net {
namespace {

using Poco::Net::IPAddress;
using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

constexpr int kBacklog = 1024;
constexpr int kAcceptsAnEvent = 64;
constexpr int kPortTries = 32;
constexpr Millis kPause{100};

Result<ServerSocket> listenAt(const IPAddress& ip, std::uint16_t port) {
    const SocketAddress address(ip, port);
    try {
        ServerSocket socket;
        // The two-argument forms would also set SO_REUSEPORT: then two servers could share a port
        // without noticing.
        if (address.family() == SocketAddress::IPv6) {
            socket.bind6(address, true, false, !ip.isWildcard());
        } else {
            socket.bind(address, true, false);
        }
        socket.setNoDelay(true);  // accepted sockets inherit it (Linux)
        socket.listen(kBacklog);
        socket.setBlocking(false);
        ::fcntl(socket.impl()->sockfd(), F_SETFD, FD_CLOEXEC);
        return socket;
    } catch (const Poco::Exception& error) {
        const std::string what = "cannot listen on " + address.toString() + ": ";
        if (error.code() != EADDRINUSE) {
            return Error{ErrorCode::cannot_listen, what + error.displayText()};
        }
        return Error{ErrorCode::address_in_use,
                     what + "the address is in use by " +
                         processListeningOn(port).value_or("another program")};
    }
}

bool hasIpv6Loopback() {
    return listenAt(IPAddress("::1"), 0).ok();
}

Result<std::vector<ServerSocket>> listenOnLoopbacks(std::uint16_t port) {
    const bool both = hasIpv6Loopback();
    std::optional<Error> last;
    for (int i = 0; i < (port == 0 ? kPortTries : 1); ++i) {
        auto v4 = listenAt(IPAddress("127.0.0.1"), port);
        if (!v4) return v4.error();
        if (!both) return std::vector{*v4};
        // A port that is free on one loopback may be in use on the other: then try another one.
        auto v6 = listenAt(IPAddress("::1"), v4->address().port());
        if (v6) return std::vector{*v4, *v6};
        last = v6.error();
    }
    return *last;
}

std::optional<IPAddress> resolve(const std::string& host) {
    std::string bare = host;
    if (bare.size() > 2 && bare.front() == '[' && bare.back() == ']') {
        bare = bare.substr(1, bare.size() - 2);
    }
    IPAddress ip;
    if (IPAddress::tryParse(bare, ip)) return ip;
    try {
        return Poco::Net::DNS::resolveOne(bare);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

bool isExhausted(int code) {
    return code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM;
}

}  // namespace

Result<std::vector<ServerSocket>> listenOn(const std::string& host, std::uint16_t port) {
    if (host == "localhost") return listenOnLoopbacks(port);
    const auto ip = resolve(host);
    if (!ip) return Error{ErrorCode::cannot_listen, "cannot listen on " + host + ": no such host"};
    auto socket = listenAt(*ip, port);
    if (!socket) return socket.error();
    return std::vector{*socket};
}

Acceptor::Acceptor(IoLoop& loop, SharedByLoops& shared, std::vector<ServerSocket> sockets)
    : loop_(loop), shared_(shared) {
    for (auto& socket : sockets) {
        // Accepted sockets inherit it (Linux). 0 leaves the kernel's default.
        if (const int bytes = shared_.options.sendBufferBytes; bytes > 0) {
            socket.setSendBufferSize(bytes);
        }
        Listening& added = listening_.emplace_back();
        added.socket = socket;
        added.onReadable = [this, &added] { acceptSome(added.socket); };
    }
    watchAll();
}

Acceptor::~Acceptor() {
    close();
}

void Acceptor::watchAll() {
    for (auto& one : listening_) loop_.watch(one.socket.impl()->sockfd(), &one.onReadable);
}

void Acceptor::close() {
    for (auto& one : listening_) {
        if (!paused_) loop_.unwatch(one.socket.impl()->sockfd());
        try {
            one.socket.close();
        } catch (const Poco::Exception&) {
            // The socket is closed even where close() reports an error.
        }
    }
    // The functions stay: epoll may have reported one of them in this very turn.
    closed_ = true;
}

void Acceptor::acceptSome(ServerSocket& socket) {
    for (int i = 0; i < kAcceptsAnEvent && !paused_ && !closed_; ++i) {
        if (shared_.connectionsOpen.load() >= shared_.options.connectionsMax) return pause();
        Accepted accepted = acceptFrom(socket);
        if (accepted.error == EAGAIN) return;
        if (isExhausted(accepted.error)) return pause();
        // Any other error concerns one connection, which ended before it was accepted.
        if (!accepted.socket) continue;
        if (auto connection = admit(std::move(accepted))) assign(std::move(connection));
    }
}

/// POCO's own accept throws when no connection waits, which is how every round of accepting ends.
Acceptor::Accepted Acceptor::acceptFrom(ServerSocket& listening) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    const int fd = ::accept4(listening.impl()->sockfd(), raw, &length, SOCK_CLOEXEC);
    if (fd < 0) return {std::nullopt, {}, errno};
    Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(fd));
    socket.setBlocking(false);  // not by accept4: POCO must know it too
    return {std::move(socket), SocketAddress(raw, length), 0};
}

/// Null where there is no memory for TLS.
std::unique_ptr<Transport> Acceptor::transportOver(Poco::Net::StreamSocket socket) {
    if (!shared_.tls) return makePlainTransport(std::move(socket));
    auto ssl = shared_.tls->newConnection();
    return ssl ? makeTlsTransport(std::move(socket), std::move(ssl)) : nullptr;
}

/// Null when the connection was refused. This thread keeps no reference to the socket, which
/// another thread may own from now on.
std::unique_ptr<TcpConnection> Acceptor::admit(Accepted accepted) {
    pauseLogged_ = false;
    auto transport = transportOver(std::move(*accepted.socket));
    if (!transport) return nullptr;
    const Poco::Net::IPAddress peer = accepted.peer.host();
    const ClientAddress address = AddressTable::keyOf(peer);
    const bool proxied = shared_.proxies.contains(peer);
    if (!proxied && !shared_.addresses.enter(address, shared_.options.connectionsPerAddressMax)) {
        refuse(*transport);
        return nullptr;
    }
    auto connection = std::make_unique<TcpConnection>(std::move(transport), address);
    connection->proxied = proxied;
    connection->handshaking = shared_.tls.has_value();
    return connection;
}

void Acceptor::assign(std::unique_ptr<TcpConnection> connection) {
    LoopCounters::add(loop_.counters().accepted, 1);
    shared_.connectionsOpen.fetch_add(1);
    IoLoop* target = shared_.loops[next_++ % shared_.loops.size()];
    if (target == &loop_) return target->adopt(std::move(connection));
    target->postConnection(std::move(connection));
}

/// Sends the 429 as far as the socket takes it at once. Waiting would let an address that has too
/// many connections already hold memory and a descriptor for another one. Over TLS there is no
/// answer without a handshake, which costs too much here: the client gets the alert access_denied.
void Acceptor::refuse(Transport& transport) {
    loop_.counters().count(Refused::addressLimit);
    std::string answer =
        encodeResponse(429, "application/json",
                       R"({"success":false,"error":"too many connections from this address",)"
                       R"("code":"limit_reached"})",
                       {{"Retry-After", "1"}}, {.keepAlive = false}, shared_.clock.now());
    transport.write({Poco::Net::SocketBuf{answer.data(), answer.size()}});
    transport.finish();
}

void Acceptor::pause() {
    paused_ = true;
    LoopCounters::add(loop_.counters().acceptPauses, 1);
    loop_.counters().acceptPaused.store(true, std::memory_order_relaxed);
    if (!std::exchange(pauseLogged_, true)) {
        logger().warn("accept_paused connections={}", shared_.connectionsOpen.load());
    }
    for (auto& one : listening_) loop_.unwatch(one.socket.impl()->sockfd());
    loop_.after(kPause, [this] { resume(); });
}

void Acceptor::resume() {
    if (!paused_ || closed_) return;
    if (shared_.connectionsOpen.load() >= shared_.options.connectionsMax) {
        loop_.after(kPause, [this] { resume(); });
        return;
    }
    paused_ = false;
    loop_.counters().acceptPaused.store(false, std::memory_order_relaxed);
    watchAll();
}

}  // namespace parley::net
