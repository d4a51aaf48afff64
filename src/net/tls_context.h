#pragma once

#include "net/timers.h"

#include <parley/core/clock.h>
#include <parley/net/tls.h>

#include <openssl/ssl.h>

#include <memory>
#include <mutex>

namespace parley::net {

/// OpenSSL's: 112 bits, so RSA from 2,048 and no SHA-1.
inline constexpr int kSecurityLevel = 2;

struct FreeSslContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeSslContext>;

struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;

class LoadedCertificate;

/// A context with the server's settings and `certificate`. Null where OpenSSL refuses either, or
/// has no memory; its error queue says why.
SslContextPtr makeContext(const LoadedCertificate& certificate);

/// What new connections of a server speak TLS with. Any thread.
class TlsContext {
public:
    /// REQUIRES: `clock` outlives it.
    TlsContext(const Clock& clock, TlsCertificatePtr certificate);

    /// New connections get `certificate`; the others keep theirs. REQUIRES: of readCertificate.
    void use(TlsCertificatePtr certificate);
    /// When the certificate in use ends to be valid.
    UnixMillis notAfter() const;
    /// The server's side of a new connection. Null where OpenSSL has no memory for it.
    SslPtr newConnection();

private:
    mutable std::mutex mutex_;
    const Clock& clock_;
    TlsCertificatePtr certificate_;
    SslContextPtr context_;
    Millis madeAt_{0};
};

}  // namespace parley::net
