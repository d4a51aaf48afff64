#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>

#include <cstdint>
#include <string>

namespace parley::app::sample {

/// The two sides agree on no TLS, or the server's certificate is not to be trusted.
class TlsException : public Poco::IOException {
public:
    using Poco::IOException::IOException;
    const char* name() const noexcept override { return "TLS"; }
    const char* className() const noexcept override { return "TlsException"; }
    Poco::Exception* clone() const override { return new TlsException(*this); }
    void rethrow() const override { throw *this; }
};

/// A client's HTTP session over TLS, 1.2 at least, with a server whose certificate is valid and is
/// for `host`. `ca`: a PEM file with the certificates to trust; empty: the system's. Throws POCO's
/// exceptions; TlsException where TLS is the reason.
///
/// In place of POCO's NetSSL, which would have to be linked into every start of the program
/// (docs/decisions/098-the-demo-brings-its-own-tls.md).
class TlsSession : public Poco::Net::HTTPClientSession {
public:
    TlsSession(const std::string& host, std::uint16_t port, std::string ca);
    bool secure() const override { return true; }

protected:
    void connect(const Poco::Net::SocketAddress& address) override;

private:
    const std::string ca_;
};

}  // namespace parley::app::sample
