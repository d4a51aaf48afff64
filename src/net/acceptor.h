#pragma once

#include "net/socket_io.h"

#include <parley/core/result.h>

#include <Poco/Net/ServerSocket.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace parley::net {

struct Connection;
class IoLoop;
struct Shared;

/// The listening sockets of `host`: "localhost" gives both loopbacks, with one port.
Result<std::vector<Poco::Net::ServerSocket>> listenOn(const std::string& host, std::uint16_t port);

/// Accepts on one loop and hands the sockets to all of them in turn. Pauses when descriptors
/// run out or `connectionsMax` is reached, instead of being woken without end. Turns away who has
/// `connectionsPerAddressMax` already.
class Acceptor {
public:
    Acceptor(IoLoop& loop, Shared& shared, std::vector<Poco::Net::ServerSocket> sockets);
    ~Acceptor();
    void close();

private:
    void acceptSome(Poco::Net::ServerSocket& socket);
    std::unique_ptr<Connection> admit(Accepted accepted);
    void hand(std::unique_ptr<Connection> connection);
    void turnAway(Poco::Net::StreamSocket& socket);
    void watchAll();
    void pause();
    void resume();

    struct Listening {
        Poco::Net::ServerSocket socket;
        std::function<void()> onReadable;
    };
    IoLoop& loop_;
    Shared& shared_;
    std::list<Listening> listening_;
    std::size_t next_ = 0;
    bool paused_ = false;
    bool pauseLogged_ = false;  // since a connection was accepted last
    bool closed_ = false;
};

}  // namespace parley::net
