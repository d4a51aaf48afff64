#pragma once

#include "net/tls_context.h"

namespace parley::net {

/// A TlsCertificate as TlsContext needs it.
class LoadedCertificate final : public TlsCertificate {
public:
    explicit LoadedCertificate(SslContextPtr loaded) : loaded_(std::move(loaded)) {}

    UnixMillis notBefore() const override;
    UnixMillis notAfter() const override;
    /// Gives `context` the certificate, its chain and its key. False where OpenSSL refuses.
    bool putInto(SSL_CTX& context) const;

private:
    SslContextPtr loaded_;  // never used for connections
};

}  // namespace parley::net
