#pragma once

#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <sys/epoll.h>

/// Every read from and write to a client goes through here.
namespace parley::net {

enum class IoStatus : std::uint8_t {
    ok,     ///< more can be read or written right away
    again,  ///< not before the descriptor is ready, see Transport::wants
    closed  ///< the peer ended its side, or the connection broke
};

struct ReadResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;  ///< in the buffer; 0 unless `status` is ok
    /// Nothing is left to read: epoll will report what comes next. False where the
    /// transport keeps bytes that epoll cannot see, or does not know.
    bool drained = false;
};

struct WriteResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;  ///< taken from the pieces, also where `status` is again
};

/// The epoll events to wait for after a read or write that returned `again`. TLS may have to write
/// in order to read, and the other way round.
struct Wants {
    std::uint32_t toRead = EPOLLIN;
    std::uint32_t toWrite = EPOLLOUT;
};

/// One client's stream of bytes over one descriptor: plain TCP, later TLS. Never blocks and never
/// throws. Owns the descriptor, which closes with it. Its loop's thread only.
class Transport {
public:
    virtual ~Transport() = default;
    virtual int descriptor() const = 0;

    /// Reads what fits. Fewer bytes than the buffer holds do not mean that nothing is left; only
    /// `again` and `drained` do.
    virtual ReadResult read(std::span<char> buffer) = 0;
    /// Writes the pieces one behind the other, as far as they are taken. REQUIRES: after `again`,
    /// the same bytes are offered first the next time.
    virtual WriteResult write(const Poco::Net::SocketBufVec& pieces) = 0;
    /// As of the last read, write and finish.
    virtual Wants wants() const = 0;
    /// Tells the peer that nothing more comes; its own bytes can still be read. `again`: call once
    /// more when the descriptor is ready to write. REQUIRES: every write has been taken whole.
    virtual IoStatus finish() = 0;
    /// Bytes that were written and that the peer has not acknowledged.
    virtual std::size_t unacknowledged() const = 0;
};

/// Plain TCP. REQUIRES: the socket is non-blocking, and no other reference to it exists.
std::unique_ptr<Transport> makePlainTransport(Poco::Net::StreamSocket socket);

}  // namespace parley::net
