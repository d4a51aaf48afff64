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
    std::size_t bytes = 0;  ///< in the buffer; 0 unless `status` is ok, and perhaps 0 then
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

/// What came of a step of a transport's handshake.
struct HandshakeStep {
    enum class State : std::uint8_t {
        done,
        waits,     ///< for the peer: until the descriptor is ready, see Transport::wants
        deferred,  ///< the next step signs, which this step was not allowed to do
        failed,    ///< what the peer sends from here on is read and means nothing
    };
    State state = State::done;
    bool isSigned = false;   ///< this step signed, which costs most of a handshake
    bool isResumed = false;  ///< done, and the peer's ticket made the signature unnecessary
};

/// One client's stream of bytes over one descriptor: plain TCP, or TLS. Never blocks and never
/// throws. Owns the descriptor, which closes with it. Its loop's thread only.
class Transport {
public:
    virtual ~Transport() = default;
    virtual int descriptor() const = 0;

    /// Takes the handshake on. REQUIRES: of a transport that begins with one, nothing is read or
    /// written before it is done.
    virtual HandshakeStep shakeHands(bool /*maySign*/) { return {}; }
    /// Reads what fits. Fewer bytes than the buffer holds do not mean that nothing is left; only
    /// `again` and `drained` do.
    virtual ReadResult read(std::span<char> buffer) = 0;
    /// Writes the pieces one behind the other, as far as they are taken. REQUIRES: after `again`,
    /// the same bytes are offered first the next time. A transport that has begun to send pieces
    /// does not report their last byte before all of them have left; so a piece of more than one
    /// byte whose sending has begun counts as begun.
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
