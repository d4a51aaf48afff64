#pragma once

#include "net/tls_context.h"
#include "net/tls_transport.h"

#include <parley/core/clock.h>
#include <parley/net/tls.h>

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace parley::net::test {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline KeyPtr ecKey() {
    return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}
inline KeyPtr rsaKey(unsigned bits) {
    return {EVP_RSA_gen(bits), EVP_PKEY_free};
}

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
inline std::unique_ptr<std::FILE, CloseFile> openFile(const std::filesystem::path& path) {
    std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
    REQUIRE(file);
    return file;
}

/// A certificate that `key` signs itself, valid for `seconds` from now.
inline void writeCertificate(const std::filesystem::path& path, EVP_PKEY& key,
                             long seconds = 3'600) {
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), seconds);
    X509_set_pubkey(made.get(), &key);
    X509_NAME* name = X509_get_subject_name(made.get());
    const auto* host = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
    X509_set_issuer_name(made.get(), name);
    REQUIRE(X509_sign(made.get(), &key, EVP_sha256()) > 0);
    REQUIRE(PEM_write_X509(openFile(path).get(), made.get()) == 1);
}

/// `passphrase`: empty for none.
inline void writeKey(const std::filesystem::path& path, EVP_PKEY& key,
                     std::string passphrase = {}) {
    const EVP_CIPHER* cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
    auto* bytes = reinterpret_cast<unsigned char*>(passphrase.data());
    REQUIRE(PEM_write_PrivateKey(openFile(path).get(), &key, cipher,
                                 passphrase.empty() ? nullptr : bytes,
                                 static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
}

/// A client's side of TLS over a socket. It trusts every certificate.
class TlsPeer {
public:
    explicit TlsPeer(int socket, int version = 0)
        : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
        if (version != 0) {
            SSL_set_min_proto_version(ssl_.get(), version);
            SSL_set_max_proto_version(ssl_.get(), version);
        }
        SSL_set_connect_state(ssl_.get());
        SSL_set_fd(ssl_.get(), socket);
    }

    SSL* ssl() { return ssl_.get(); }
    /// Whether the handshake is done.
    bool shakeHands() {
        ERR_clear_error();
        return SSL_do_handshake(ssl_.get()) == 1;
    }
    void send(std::string_view text) {
        REQUIRE(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) ==
                static_cast<int>(text.size()));
    }
    /// One record's text; empty where none is there.
    std::string receive() {
        std::string text(32 * 1024, '\0');
        ERR_clear_error();
        const int n = SSL_read(ssl_.get(), text.data(), static_cast<int>(text.size()));
        lastError_ = n > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), n);
        text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return text;
    }
    int lastError() const { return lastError_; }

private:
    SslContextPtr context_;
    SslPtr ssl_;
    int lastError_ = SSL_ERROR_NONE;
};

}  // namespace parley::net::test
