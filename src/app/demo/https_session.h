#pragma once

#include <Poco/Net/HTTPClientSession.h>

#include <cstdint>
#include <memory>
#include <string>

namespace parley::app::sample {

/// A client's HTTP session over TLS, 1.2 at least, with a server whose certificate is valid and is
/// for `host`, a name or an IP address. `ca`: a PEM file with the certificates to trust; empty: the
/// system's. Throws POCO's exceptions, as the session does: SSLException where TLS is the reason.
/// A read may wait for twice the session's time-out, as POCO begins anew when it is over.
std::unique_ptr<Poco::Net::HTTPClientSession> makeHttpsSession(const std::string& host,
                                                               std::uint16_t port,
                                                               const std::string& ca);

}  // namespace parley::app::sample
