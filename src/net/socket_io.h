#pragma once

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <optional>

/// Every read from and write to a client goes through here: POCO's three ways to say "not now"
/// (-1, TimeoutException, IOException with EAGAIN) become one, and nothing throws.
namespace parley::net {

enum class IoStatus { ok, again, closed };

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
};

/// `closed` with 0 bytes: the peer ended its side, or the connection broke.
IoResult readSome(Poco::Net::StreamSocket& socket, char* buffer, std::size_t bytes);
IoResult writeSome(Poco::Net::StreamSocket& socket, const Poco::Net::SocketBufVec& buffers);
/// Bytes that were written and that the peer has not acknowledged.
std::size_t unacknowledged(const Poco::Net::StreamSocket& socket);
/// Tells the peer that nothing more comes.
void endSending(Poco::Net::StreamSocket& socket);

struct Accepted {
    std::optional<Poco::Net::StreamSocket> socket;  ///< non-blocking, closed on exec
    Poco::Net::SocketAddress peer;
    int error = 0;  ///< errno, when there is no socket; EAGAIN: nobody waits
};

/// The next connection of a listening socket that does not block. POCO's own way throws when there
/// is none, which is how every look ends.
Accepted acceptFrom(Poco::Net::ServerSocket& listening);

}  // namespace parley::net
