#pragma once

#include "net/tls_context.h"
#include "net/transport.h"

#include <memory>

namespace parley::net {

/// The server's side of TLS. It begins with a handshake. POCO's SecureStreamSocket is not used: its
/// write of several pieces goes to the socket in plain (docs/decisions/069-own-tls-transport.md).
/// REQUIRES: the socket is non-blocking, no other reference to it exists, and `ssl` is new.
std::unique_ptr<Transport> makeTlsTransport(Poco::Net::StreamSocket socket, SslPtr ssl);

}  // namespace parley::net
