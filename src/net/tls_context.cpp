#include "net/tls_context.h"

#include "net/tls_certificate.h"

#include <parley/core/check.h>
#include <parley/core/logging.h>

#include <openssl/err.h>

#include <string>
#include <string_view>
#include <utility>

namespace parley::net {
namespace {

/// Session tickets are encrypted under a key of the context. A new context has a new key, so that
/// a stolen one does not open the TLS 1.2 connections of years.
constexpr Millis kContextLife{12 * 3'600'000};
constexpr Millis kExpiryWarning{14LL * 24 * 3'600'000};
constexpr long kTicketLifeSeconds = 2 * 3'600;

// 128 bits first: they are as good as 256 here, and cost the loop less.
constexpr const char* kTls13Ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kTls12Ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr std::string_view kAlpn = "\x08http/1.1";
constexpr std::string_view kSessionContext = "parley";

const auto* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// RFC 7301: a client that offers other protocols alone gets `no_application_protocol`.
int chooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length,
                   const unsigned char* offered, unsigned int offeredLength, void*) {
    unsigned char* match = nullptr;
    if (SSL_select_next_proto(&match, length, bytes(kAlpn), static_cast<unsigned>(kAlpn.size()),
                              offered, offeredLength) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

/// An outdated certificate is used all the same, but nobody should find that out from the clients.
void logValidity(const TlsCertificate& certificate, UnixMillis now) {
    const UnixMillis begins = certificate.notBefore();
    const UnixMillis ends = certificate.notAfter();
    const std::string ending = toIso8601(ends);
    if (now < begins) {
        logger().warn("tls_certificate not_valid_before={}", toIso8601(begins));
    } else if (now >= ends) {
        logger().warn("tls_certificate outdated_since={}", ending);
    } else if (ends.value - now.value < kExpiryWarning.count()) {
        logger().warn("tls_certificate ends_soon={}", ending);
    } else {
        logger().info("tls_certificate ends={}", ending);
    }
}

}  // namespace

SslContextPtr makeContext(const LoadedCertificate& certificate) {
    ERR_clear_error();
    SslContextPtr made(SSL_CTX_new(TLS_server_method()));
    SSL_CTX* context = made.get();
    if (!context) return nullptr;
    SSL_CTX_set_security_level(context, kSecurityLevel);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, kTls12Ciphers) != 1 ||
        SSL_CTX_set_ciphersuites(context, kTls13Ciphers) != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") != 1 ||
        SSL_CTX_set_session_id_context(context, bytes(kSessionContext),
                                       static_cast<unsigned>(kSessionContext.size())) != 1 ||
        !certificate.putInto(*context)) {
        return nullptr;
    }
    // The server's order of ciphers counts, but for clients that have no hardware for AES.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // Idle connections hold no buffers. A record that was begun is offered again from a copy.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One record a read, whatever it holds: a client that sends nothing but key updates must not
    // keep its loop.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets hold all that is needed
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_timeout(context, kTicketLifeSeconds);
    SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
    return made;
}

TlsContext::TlsContext(const Clock& clock, TlsCertificatePtr certificate) : clock_(clock) {
    use(std::move(certificate));
}

namespace {}  // namespace

void TlsContext::use(TlsCertificatePtr certificate) {
    logValidity(*certificate, clock_.now());
    auto made = makeContext(static_cast<const LoadedCertificate&>(*certificate));
    PARLEY_CHECK(made);  // readCertificate has tried it
    const std::lock_guard lock(mutex_);
    certificate_ = std::move(certificate);
    context_ = std::move(made);
    madeAt_ = clock_.monotonic();
}

UnixMillis TlsContext::notAfter() const {
    const std::lock_guard lock(mutex_);
    return certificate_->notAfter();
}

SslPtr TlsContext::newConnection() {
    const std::lock_guard lock(mutex_);
    if (const Millis now = clock_.monotonic(); now - madeAt_ >= kContextLife) {
        madeAt_ = now;
        const auto& certificate = static_cast<const LoadedCertificate&>(*certificate_);
        if (auto made = makeContext(certificate)) context_ = std::move(made);
    }
    return SslPtr(SSL_new(context_.get()));  // keeps its context
}

}  // namespace parley::net
