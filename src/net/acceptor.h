#pragma once

#include <parley/core/result.h>

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley::net {

struct TcpConnection;
class IoLoop;
class Transport;
struct SharedByLoops;

/// Listens on `host`: on both loopbacks, with one port, for "localhost".
Result<std::vector<Poco::Net::ServerSocket>> listenOn(const std::string& host, std::uint16_t port);

/// Accepts on one loop and gives the connections to all loops in turn. Pauses when descriptors run
/// out or `connectionsMax` is reached, as epoll would wake the loop again and again for a
/// connection that cannot be accepted. Refuses connections of an address that has
/// `connectionsPerAddressMax` already. Its loop's thread.
class Acceptor {
public:
    Acceptor(IoLoop& loop, SharedByLoops& shared, std::vector<Poco::Net::ServerSocket> sockets);
    ~Acceptor();
    void close();

private:
    struct Accepted {
        std::optional<Poco::Net::StreamSocket> socket;  // non-blocking, closed on exec
        Poco::Net::SocketAddress peer;
        int error = 0;  // errno, when there is no socket; EAGAIN: none waits
    };
    static Accepted acceptFrom(Poco::Net::ServerSocket& listening);
    void acceptSome(Poco::Net::ServerSocket& socket);
    std::unique_ptr<Transport> transportOver(Poco::Net::StreamSocket socket);
    std::unique_ptr<TcpConnection> admit(Accepted accepted);
    void assign(std::unique_ptr<TcpConnection> connection);
    void refuse(Transport& transport);
    void watchAll();
    void pause();
    void resume();

    struct Listening {
        Poco::Net::ServerSocket socket;
        std::function<void()> onReadable;
    };
    IoLoop& loop_;
    SharedByLoops& shared_;
    std::list<Listening> listening_;
    std::size_t next_ = 0;
    bool paused_ = false;
    bool pauseLogged_ = false;  // since a connection was accepted last
    bool closed_ = false;
};

}  // namespace parley::net
