#pragma once

#include <Poco/Net/StreamSocket.h>

#include <cstddef>

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
/// Tells the peer that nothing more comes.
void endSending(Poco::Net::StreamSocket& socket);
/// Non-blocking, no Nagle, not inherited by child processes. `sendBufferBytes`: 0 leaves the
/// kernel's choice. False when the socket is dead.
bool prepareSocket(Poco::Net::StreamSocket& socket, int sendBufferBytes);

}  // namespace parley::net
