#pragma once

#include <parley/core/clock.h>
#include <parley/core/result.h>

#include <cstddef>
#include <memory>
#include <string>

/// TLS 1.2 and 1.3 (RFC 5246, RFC 8446) by OpenSSL, on every connection of a server or on none.
namespace parley::net {

/// Where the server's certificate comes from.
struct TlsOptions {
    /// PEM file: the server's certificate first, then those that lead from it to a root.
    std::string certificateFile;
    /// PEM file: the private key of the first certificate, without a passphrase.
    std::string keyFile;
    /// Handshakes of one loop that may reach their signature, the costly step, in one turn; the
    /// others wait for the next turn, so that clients which come back all at once leave room for
    /// those that are connected. 0: no limit.
    std::size_t handshakesATurn = 8;

    /// Whether the server speaks TLS. REQUIRES of a server: both files or neither.
    bool isOn() const { return !certificateFile.empty(); }
};

/// A certificate with its chain and its private key, as read from the files. Immutable; any thread.
class TlsCertificate {
public:
    virtual ~TlsCertificate() = default;
    /// When the first certificate begins and ends to be valid.
    virtual UnixMillis notBefore() const = 0;
    virtual UnixMillis notAfter() const = 0;
};
using TlsCertificatePtr = std::shared_ptr<const TlsCertificate>;

/// Reads both files. Refuses with `invalid_setting`, and a message that names the file, what cannot
/// be read, is not PEM, does not belong together, or is too weak (RSA below 2,048 bits, signatures
/// with SHA-1). An outdated certificate is not refused: its clients would not come back sooner. Any
/// thread; blocks, and never asks a terminal for a passphrase.
Result<TlsCertificatePtr> readCertificate(const TlsOptions& options);

}  // namespace parley::net
