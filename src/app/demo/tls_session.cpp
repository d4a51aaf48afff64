#include "app/demo/tls_session.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <utility>

namespace parley::app::sample {
namespace {

struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Free>;
using SslPtr = std::unique_ptr<SSL, Free>;

[[noreturn]] void refuse(const std::string& what) {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    throw TlsException(reason ? what + ": " + reason : what);
}

ContextPtr makeContext(const std::string& ca) {
    ContextPtr context(SSL_CTX_new(TLS_client_method()));
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
        refuse("OpenSSL offers no TLS");
    }
    const bool trusts = ca.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                   : SSL_CTX_load_verify_file(context.get(), ca.c_str()) == 1;
    if (!trusts) refuse("no certificates to trust in \"" + ca + "\"");
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    return context;
}

// What the certificate must be for, and what the server is asked for.
bool expect(SSL* ssl, const std::string& host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    return SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

/// TLS on a socket that is connected. Blocks, as long as the socket's time-outs allow.
class TlsSocketImpl final : public Poco::Net::StreamSocketImpl {
public:
    TlsSocketImpl(const Poco::Net::StreamSocket& plain, const std::string& host,
                  const ContextPtr& context)
        : StreamSocketImpl(plain.impl()->sockfd()), plain_(plain), ssl_(SSL_new(context.get())) {
        if (!ssl_ || !expect(ssl_.get(), host) || SSL_set_fd(ssl_.get(), sockfd()) != 1) {
            reset();
            refuse("OpenSSL refuses the connection");
        }
    }

    void shakeHands() {
        const int result = SSL_connect(ssl_.get());
        if (result == 1) return;
        const auto verified = SSL_get_verify_result(ssl_.get());
        if (verified != X509_V_OK) {
            ERR_clear_error();
            throw TlsException(std::string("the certificate is not to be trusted: ") +
                               X509_verify_cert_error_string(verified));
        }
        failed(result);
        throw Poco::Net::ConnectionResetException("the server ended the handshake");
    }

    int sendBytes(const void* buffer, int length, int) override {
        if (length == 0) return 0;
        const int sent = SSL_write(ssl_.get(), buffer, length);
        if (sent > 0) return sent;
        failed(sent);
        throw Poco::Net::ConnectionResetException();
    }
    // POCO's own would send it in plain.
    int sendBytes(const Poco::Net::SocketBufVec& pieces, int flags) override {
        int sent = 0;
        for (const auto& piece : pieces) {
            sent += sendBytes(piece.iov_base, static_cast<int>(piece.iov_len), flags);
        }
        return sent;
    }
    int receiveBytes(void* buffer, int length, int) override {
        const int received = SSL_read(ssl_.get(), buffer, length);
        if (received > 0) return received;
        failed(received);
        return 0;
    }
    int available() override { return SSL_pending(ssl_.get()); }
    bool secure() const override { return true; }

protected:
    ~TlsSocketImpl() override {
        if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());  // says goodbye
        ERR_clear_error();
        reset();  // the descriptor is the plain socket's
    }

private:
    // Throws, unless the connection has ended. Everything blocks: what OpenSSL would wait for did
    // not come in time.
    void failed(int result) {
        switch (SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_ZERO_RETURN: return;
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE: throw Poco::TimeoutException();
            case SSL_ERROR_SYSCALL: throw Poco::Net::ConnectionResetException();
            default: refuse("no TLS with this server");
        }
    }

    Poco::Net::StreamSocket plain_;
    SslPtr ssl_;
};

}  // namespace

TlsSession::TlsSession(const std::string& host, std::uint16_t port, std::string ca)
    : HTTPClientSession(host, port), ca_(std::move(ca)) {}

void TlsSession::connect(const Poco::Net::SocketAddress& address) {
    const ContextPtr context = makeContext(ca_);  // which its connections keep
    HTTPClientSession::connect(address);
    auto* const impl = new TlsSocketImpl(socket(), getHost(), context);
    const Poco::Net::StreamSocket secured(impl);  // owns it
    impl->shakeHands();
    attachSocket(secured);
}

}  // namespace parley::app::sample
