#include "net/transport.h"

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <utility>

namespace parley::net {
namespace {

bool isTransient(int code) {
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

IoStatus statusOf(const Poco::Exception& error) {
    return isTransient(error.code()) ? IoStatus::again : IoStatus::closed;
}

/// POCO has three ways to say "not now": -1, TimeoutException, and IOException with EAGAIN.
class PlainTransport final : public Transport {
public:
    explicit PlainTransport(Poco::Net::StreamSocket socket) : socket_(std::move(socket)) {}

    int descriptor() const override { return socket_.impl()->sockfd(); }

    ReadResult read(std::span<char> buffer) override {
        try {
            const int n =
                socket_.impl()->receiveBytes(buffer.data(), static_cast<int>(buffer.size()), 0);
            if (n < 0) return {IoStatus::again, 0, true};
            if (n == 0) return {IoStatus::closed, 0, true};
            // Less than the buffer: the kernel had no more, and epoll reports what comes next. This
            // saves a second read, which would find nothing, after almost every message.
            const auto bytes = static_cast<std::size_t>(n);
            return {IoStatus::ok, bytes, bytes < buffer.size()};
        } catch (const Poco::TimeoutException&) {
            return {IoStatus::closed, 0, true};  // ETIMEDOUT: the network gave the peer up
        } catch (const Poco::Exception& error) {
            return {statusOf(error), 0, true};
        }
    }

    WriteResult write(const Poco::Net::SocketBufVec& pieces) override {
        std::size_t offered = 0;
        for (const auto& piece : pieces) offered += piece.iov_len;
        try {
            // One piece is the usual case, and the kernel's shorter way.
            const int n = pieces.size() == 1
                              ? socket_.impl()->sendBytes(pieces[0].iov_base,
                                                          static_cast<int>(pieces[0].iov_len), 0)
                              : socket_.impl()->sendBytes(pieces, 0);
            if (n < 0) return {IoStatus::again, 0};
            const auto bytes = static_cast<std::size_t>(n);
            return {bytes < offered ? IoStatus::again : IoStatus::ok, bytes};
        } catch (const Poco::Exception& error) {
            return {statusOf(error), 0};
        }
    }

    Wants wants() const override { return {}; }

    IoStatus finish() override {
        try {
            socket_.shutdownSend();
        } catch (const Poco::Exception&) {
            // The peer has closed already.
        }
        return IoStatus::ok;
    }

    std::size_t unacknowledged() const override {
        int bytes = 0;
        if (::ioctl(descriptor(), SIOCOUTQ, &bytes) != 0 || bytes < 0) return 0;
        return static_cast<std::size_t>(bytes);
    }

private:
    Poco::Net::StreamSocket socket_;
};

}  // namespace

std::unique_ptr<Transport> makePlainTransport(Poco::Net::StreamSocket socket) {
    return std::make_unique<PlainTransport>(std::move(socket));
}

}  // namespace parley::net
