#include "app/demo/https_session.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/InvalidCertificateHandler.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/VerificationErrorArgs.h>
#include <Poco/SharedPtr.h>

namespace parley::app::sample {
namespace {

using namespace Poco::Net;

/// Keeps why a certificate was refused, which POCO's exceptions do not say.
class Refusal : public InvalidCertificateHandler {
public:
    Refusal() : InvalidCertificateHandler(/*handleErrorsOnServerSide=*/false) {}
    void onInvalidCertificate(const void*, VerificationErrorArgs& refused) override {
        why = refused.errorMessage();
    }

    std::string why;
};

class HttpsSession : public HTTPSClientSession {
public:
    HttpsSession(const std::string& host, std::uint16_t port, Context::Ptr context)
        : HTTPSClientSession(host, port, context), refusal_(new Refusal) {
        context->setInvalidCertificateHandler(refusal_);
    }

protected:
    void connect(const SocketAddress& address) override {
        try {
            HTTPSClientSession::connect(address);
        } catch (const CertificateValidationException&) {
            throw CertificateValidationException("it is not for " + getHost());
        } catch (const SSLException&) {
            if (refusal_->why.empty()) throw;
            throw CertificateValidationException(refusal_->why);
        }
        // POCO takes a handshake that ran into the time-out for a good one. It would end with the
        // next write, and nobody would look at the certificate's name.
        if (!SecureStreamSocket(socket()).havePeerCertificate()) throw Poco::TimeoutException();
    }

private:
    Poco::SharedPtr<Refusal> refusal_;
};

}  // namespace

std::unique_ptr<HTTPClientSession> makeHttpsSession(const std::string& host, std::uint16_t port,
                                                    const std::string& ca) {
    // POCO's own list of ciphers has some that need no certificate.
    Context::Ptr context =
        new Context(Context::TLS_CLIENT_USE, ca, Context::VERIFY_STRICT,
                    /*verificationDepth=*/9, /*loadDefaultCAs=*/ca.empty(), "DEFAULT");
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return std::make_unique<HttpsSession>(host, port, context);
}

}  // namespace parley::app::sample
