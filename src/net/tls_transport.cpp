#include "net/tls_transport.h"

#include <parley/core/check.h>

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/sockios.h>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace parley::net {
namespace {

constexpr std::size_t kRecordBytesMax = 16 * 1024;  // RFC 8446, section 5.1

// Descriptions of alerts (RFC 8446, section 6).
constexpr unsigned char kUnexpectedMessage = 10;
constexpr unsigned char kAccessDenied = 49;

/// The pieces of a write, as records.
class Records {
public:
    explicit Records(const Poco::Net::SocketBufVec& pieces) : pieces_(pieces) { skipEmpty(); }

    bool empty() const { return at_ == pieces_.size(); }
    void skip(std::size_t bytes) {
        while (bytes > 0 && !empty()) {
            const std::size_t step = std::min(bytes, left().size());
            offset_ += step;
            bytes -= step;
            skipEmpty();
        }
    }
    /// The text of the next record, joined in `room` where it comes from several pieces.
    std::string_view next(std::array<char, kRecordBytesMax>& room) {
        if (left().size() >= kRecordBytesMax || at_ + 1 == pieces_.size()) {
            const std::string_view whole = left().substr(0, kRecordBytesMax);
            skip(whole.size());
            return whole;
        }
        std::size_t used = 0;
        while (used < room.size() && !empty()) {
            const std::string_view part = left().substr(0, room.size() - used);
            std::memcpy(room.data() + used, part.data(), part.size());
            used += part.size();
            skip(part.size());
        }
        return {room.data(), used};
    }

private:
    std::string_view left() const {
        const auto& piece = pieces_[at_];
        return std::string_view(static_cast<const char*>(piece.iov_base), piece.iov_len)
            .substr(offset_);
    }
    void skipEmpty() {
        while (!empty() && offset_ == pieces_[at_].iov_len) {
            ++at_;
            offset_ = 0;
        }
    }

    const Poco::Net::SocketBufVec& pieces_;
    std::size_t at_ = 0;
    std::size_t offset_ = 0;
};

class TlsTransport final : public Transport {
public:
    TlsTransport(Poco::Net::StreamSocket socket, SslPtr ssl)
        : socket_(std::move(socket)), ssl_(std::move(ssl)) {
        SSL_set_accept_state(ssl_.get());
        SSL_set_msg_callback(ssl_.get(), noteMessage);
        SSL_set_msg_callback_arg(ssl_.get(), this);
        if (SSL_set_fd(ssl_.get(), descriptor()) != 1) state_ = State::broken;
    }
    ~TlsTransport() override {
        if (state_ == State::open && held_.empty()) closeNotify();
    }

    int descriptor() const override { return socket_.impl()->sockfd(); }
    HandshakeStep shakeHands(bool maySign) override;
    ReadResult read(std::span<char> buffer) override;
    WriteResult write(const Poco::Net::SocketBufVec& pieces) override;
    Wants wants() const override { return wants_; }
    IoStatus finish() override;
    std::size_t unacknowledged() const override;

private:
    enum class State : std::uint8_t {
        shaking,
        open,
        closing,  ///< close_notify is sent
        broken,   ///< OpenSSL must not be asked any more
    };

    static void noteMessage(int isWritten, int version, int contentType, const void* message,
                            std::size_t length, SSL* ssl, void* transport);
    HandshakeStep fail();
    IoStatus statusOf(int result, std::uint32_t& wanted);
    IoStatus send(std::string_view record);
    IoStatus closeNotify();
    void sendPlainAlert(unsigned char description) const;
    bool hasAnswered() const { return SSL_get_state(ssl_.get()) != TLS_ST_BEFORE; }
    ReadResult throwAway(std::span<char> buffer) const;

    Poco::Net::StreamSocket socket_;
    SslPtr ssl_;
    // The record that was begun and that the socket did not take whole. Its last byte has not been
    // reported as written.
    std::string held_;
    Wants wants_;
    State state_ = State::shaking;
    bool isSigned_ = false;
    bool isPastSigning_ = false;  // also where a ticket made it unnecessary
};

/// OpenSSL tells each message of the handshake: these are signed, or come behind the signed ones.
void TlsTransport::noteMessage(int isWritten, int, int contentType, const void* message,
                               std::size_t length, SSL*, void* transport) {
    if (isWritten == 0 || contentType != SSL3_RT_HANDSHAKE || length == 0) return;
    auto& self = *static_cast<TlsTransport*>(transport);
    switch (static_cast<const unsigned char*>(message)[0]) {
        case SSL3_MT_CERTIFICATE_VERIFY:
        case SSL3_MT_SERVER_KEY_EXCHANGE: self.isSigned_ = true; [[fallthrough]];
        case SSL3_MT_FINISHED: self.isPastSigning_ = true; break;
        default: break;
    }
}

HandshakeStep TlsTransport::shakeHands(bool maySign) {
    using Step = HandshakeStep::State;
    if (state_ != State::shaking) return {state_ == State::open ? Step::done : Step::failed};
    if (!maySign && !isPastSigning_) return {Step::deferred};
    const bool wasSigned = isSigned_;
    wants_.toRead = EPOLLIN;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    const bool signs = isSigned_ && !wasSigned;
    if (result == 1) {
        state_ = State::open;
        SSL_set_msg_callback(ssl_.get(), nullptr);
        return {Step::done, signs, SSL_session_reused(ssl_.get()) == 1};
    }
    if (statusOf(result, wants_.toRead) == IoStatus::again) return {Step::waits, signs};
    return fail();
}

/// OpenSSL has sent an alert already, but for a peer that does not speak TLS.
HandshakeStep TlsTransport::fail() {
    const int reason = ERR_GET_REASON(ERR_peek_error());
    if (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST) {
        sendPlainAlert(kUnexpectedMessage);
    }
    return {HandshakeStep::State::failed};
}

/// `wanted`: the event to wait for, where the answer is `again`.
IoStatus TlsTransport::statusOf(int result, std::uint32_t& wanted) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: wanted = EPOLLIN; return IoStatus::again;
        case SSL_ERROR_WANT_WRITE: wanted = EPOLLOUT; return IoStatus::again;
        case SSL_ERROR_ZERO_RETURN: return IoStatus::closed;
        default: state_ = State::broken; return IoStatus::closed;
    }
}

// OpenSSL reads one record from the socket and nothing behind it, so epoll reports what is left.
ReadResult TlsTransport::read(std::span<char> buffer) {
    if (state_ == State::broken) return throwAway(buffer);
    wants_.toRead = EPOLLIN;
    ERR_clear_error();
    const int n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (n <= 0) return {statusOf(n, wants_.toRead), 0, true};
    const auto bytes = static_cast<std::size_t>(n);
    // Behind a full record more is likely.
    return {IoStatus::ok, bytes, bytes < kRecordBytesMax && SSL_pending(ssl_.get()) == 0};
}

/// So that the peer gets the alert that tells it why: a socket that is closed with unread input is
/// reset, and the alert with it.
ReadResult TlsTransport::throwAway(std::span<char> buffer) const {
    const ssize_t n = ::recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (n > 0) return {IoStatus::ok, 0, true};
    const bool later = n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    return {later ? IoStatus::again : IoStatus::closed, 0, true};
}

IoStatus TlsTransport::send(std::string_view record) {
    ERR_clear_error();
    const int n = SSL_write(ssl_.get(), record.data(), static_cast<int>(record.size()));
    return n > 0 ? IoStatus::ok : statusOf(n, wants_.toWrite);
}

WriteResult TlsTransport::write(const Poco::Net::SocketBufVec& pieces) {
    if (state_ != State::open) return {IoStatus::closed, 0};
    thread_local std::array<char, kRecordBytesMax> room;
    wants_.toWrite = EPOLLOUT;
    WriteResult result;
    Records records(pieces);
    if (!held_.empty()) {
        result.status = send(held_);
        if (result.status != IoStatus::ok) return result;
        held_ = std::string();
        result.bytes = 1;
        records.skip(1);
    }
    while (!records.empty()) {
        const std::string_view record = records.next(room);
        result.status = send(record);
        if (result.status == IoStatus::ok) {
            result.bytes += record.size();
            continue;
        }
        if (result.status == IoStatus::again) {
            // OpenSSL has encrypted the record and wants its text again. The caller may not offer
            // the same: it can drop pieces that are not begun.
            held_ = record;
            result.bytes += record.size() - 1;
        }
        break;
    }
    return result;
}

IoStatus TlsTransport::closeNotify() {
    ERR_clear_error();
    const int result = SSL_shutdown(ssl_.get());
    if (result >= 0) {
        state_ = State::closing;
        return IoStatus::ok;
    }
    return statusOf(result, wants_.toWrite);
}

IoStatus TlsTransport::finish() {
    if (state_ == State::open) {
        PARLEY_CHECK(held_.empty());
        if (closeNotify() == IoStatus::again) return IoStatus::again;
    } else if (state_ == State::shaking && !hasAnswered()) {
        sendPlainAlert(kAccessDenied);
    }
    try {
        socket_.shutdownSend();
    } catch (const Poco::Exception&) {
        // The peer has closed already.
    }
    return IoStatus::ok;
}

/// An alert in a record of its own, for a peer with which no keys are agreed. As far as the socket
/// takes it: else the peer only sees the connection end.
void TlsTransport::sendPlainAlert(unsigned char description) const {
    const std::array<unsigned char, 7> record{21, 3, 1, 0, 2, /*fatal*/ 2, description};
    ::send(descriptor(), record.data(), record.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::size_t TlsTransport::unacknowledged() const {
    int bytes = 0;
    if (::ioctl(descriptor(), SIOCOUTQ, &bytes) != 0 || bytes < 0) bytes = 0;
    return static_cast<std::size_t>(bytes) + held_.size();
}

}  // namespace

std::unique_ptr<Transport> makeTlsTransport(Poco::Net::StreamSocket socket, SslPtr ssl) {
    return std::make_unique<TlsTransport>(std::move(socket), std::move(ssl));
}

}  // namespace parley::net
