#include "net/socket_io.h"

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace parley::net {
namespace {

bool isTransient(int code) {
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

}  // namespace

IoResult readSome(Poco::Net::StreamSocket& socket, char* buffer, std::size_t bytes) {
    try {
        const int n = socket.impl()->receiveBytes(buffer, static_cast<int>(bytes), 0);
        if (n < 0) return {IoStatus::again, 0};
        if (n == 0) return {IoStatus::closed, 0};
        return {IoStatus::ok, static_cast<std::size_t>(n)};
    } catch (const Poco::TimeoutException&) {
        return {IoStatus::closed, 0};  // ETIMEDOUT: the network gave the peer up
    } catch (const Poco::Exception& error) {
        return {isTransient(error.code()) ? IoStatus::again : IoStatus::closed, 0};
    }
}

IoResult writeSome(Poco::Net::StreamSocket& socket, const Poco::Net::SocketBufVec& buffers) {
    try {
        // One piece is the usual case, and the kernel's shorter way.
        const int n = buffers.size() == 1
                          ? socket.impl()->sendBytes(buffers[0].iov_base,
                                                     static_cast<int>(buffers[0].iov_len), 0)
                          : socket.impl()->sendBytes(buffers, 0);
        if (n < 0) return {IoStatus::again, 0};
        return {IoStatus::ok, static_cast<std::size_t>(n)};
    } catch (const Poco::Exception& error) {
        return {isTransient(error.code()) ? IoStatus::again : IoStatus::closed, 0};
    }
}

std::size_t unacknowledged(const Poco::Net::StreamSocket& socket) {
    int bytes = 0;
    if (::ioctl(socket.impl()->sockfd(), SIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
    return static_cast<std::size_t>(bytes);
}

void endSending(Poco::Net::StreamSocket& socket) {
    try {
        socket.shutdownSend();
    } catch (const Poco::Exception&) {
        // The peer has closed already: what we wanted to tell it is moot.
    }
}

Accepted acceptFrom(Poco::Net::ServerSocket& listening) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    const int fd = ::accept4(listening.impl()->sockfd(), raw, &length, SOCK_CLOEXEC);
    if (fd < 0) return {std::nullopt, {}, errno};
    Poco::Net::StreamSocket socket(new Poco::Net::StreamSocketImpl(fd));
    socket.setBlocking(false);  // not by accept4: POCO must know it too
    return {std::move(socket), Poco::Net::SocketAddress(raw, length), 0};
}

}  // namespace parley::net
