#include "net/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <fstream>
#include <utility>

namespace parley::net {
namespace {

Error invalid(std::string_view setting, const std::string& file, const std::string& why) {
    return {ErrorCode::invalid_setting, std::string(setting) + " " + file + ": " + why};
}

/// OpenSSL's last word on what it refused, which holds nothing of the file.
std::string opensslReason() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason ? reason : "OpenSSL refuses it";
}

// OpenSSL's own would ask on the terminal.
int refusePassphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

bool isReadable(const std::string& file) {
    std::ifstream in(file);
    return in.is_open() && in.peek() != std::ifstream::traits_type::eof();
}

Result<void> loadChain(SSL_CTX& context, const std::string& file) {
    constexpr std::string_view kSetting = "tls.certificate";
    if (!isReadable(file)) return invalid(kSetting, file, "the file is empty or cannot be read");
    if (SSL_CTX_use_certificate_chain_file(&context, file.c_str()) == 1) return {};
    return invalid(kSetting, file,
                   "not a chain of PEM certificates that can serve: " + opensslReason());
}

bool isMismatch(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_X509 &&
           (ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH ||
            ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH);
}

Result<void> loadKey(SSL_CTX& context, const std::string& file) {
    constexpr std::string_view kSetting = "tls.key";
    if (!isReadable(file)) return invalid(kSetting, file, "the file is empty or cannot be read");
    bool asked = false;
    SSL_CTX_set_default_passwd_cb(&context, refusePassphrase);
    SSL_CTX_set_default_passwd_cb_userdata(&context, &asked);
    const int used = SSL_CTX_use_PrivateKey_file(&context, file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_default_passwd_cb_userdata(&context, nullptr);
    if (used == 1 && SSL_CTX_check_private_key(&context) == 1) return {};
    if (asked) {
        ERR_clear_error();
        return invalid(kSetting, file,
                       "the key has a passphrase, which nobody could type at a restart: write it "
                       "without one, readable for this user alone");
    }
    if (used == 1 || isMismatch(ERR_peek_last_error())) {
        ERR_clear_error();
        return invalid(kSetting, file,
                       "the key is not that of the first certificate in tls.certificate");
    }
    return invalid(kSetting, file, "not a private key in PEM: " + opensslReason());
}

UnixMillis timeOf(const ASN1_TIME* time) {
    std::tm parts{};
    if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return {0};
    return {static_cast<std::int64_t>(::timegm(&parts)) * 1000};
}

}  // namespace

Result<TlsCertificatePtr> readCertificate(const TlsOptions& options) {
    ERR_clear_error();
    SslContextPtr context(SSL_CTX_new(TLS_server_method()));
    if (!context) return Error{ErrorCode::internal, "OpenSSL: " + opensslReason()};
    SSL_CTX_set_security_level(context.get(), kSecurityLevel);
    if (auto loaded = loadChain(*context, options.certificateFile); !loaded) return loaded.error();
    if (auto loaded = loadKey(*context, options.keyFile); !loaded) return loaded.error();
    auto certificate = std::make_shared<LoadedCertificate>(std::move(context));
    if (!makeContext(*certificate)) {
        return invalid("tls.certificate", options.certificateFile, opensslReason());
    }
    return TlsCertificatePtr(std::move(certificate));
}

UnixMillis LoadedCertificate::notBefore() const {
    return timeOf(X509_get0_notBefore(SSL_CTX_get0_certificate(loaded_.get())));
}

UnixMillis LoadedCertificate::notAfter() const {
    return timeOf(X509_get0_notAfter(SSL_CTX_get0_certificate(loaded_.get())));
}

bool LoadedCertificate::putInto(SSL_CTX& context) const {
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(loaded_.get(), &chain);
    return SSL_CTX_use_cert_and_key(&context, SSL_CTX_get0_certificate(loaded_.get()),
                                    SSL_CTX_get0_privatekey(loaded_.get()), chain,
                                    /*override=*/1) == 1;
}

}  // namespace parley::net
