#include "net/ws_frame.h"

#include <Poco/AutoPtr.h>
#include <Poco/Base64Decoder.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/Net/WebSocketImpl.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <limits>
#include <sstream>
#include <vector>

namespace parley::net {
namespace {

std::uint8_t byteAt(std::string_view bytes, std::size_t i) {
    return static_cast<std::uint8_t>(bytes[i]);
}

bool isKnownOpcode(std::uint8_t op) {
    return op <= 0x2 || (op >= 0x8 && op <= 0xA);
}

std::uint16_t checkFirstByte(std::uint8_t first) {
    if (first & 0x70) return close_code::protocolError;  // no extension was negotiated
    const std::uint8_t op = first & 0x0F;
    if (!isKnownOpcode(op)) return close_code::protocolError;
    if (op >= 0x8 && !(first & 0x80)) return close_code::protocolError;
    return 0;
}

/// A socket made of two pieces of memory: what it "receives" and what was "sent" to it. It has
/// no descriptor, so every call that would touch one is answered here.
class MemorySocket final : public Poco::Net::StreamSocketImpl {
public:
    void feed(std::string_view bytes) { input_ = bytes; }
    std::string take() { return std::move(output_); }

    int receiveBytes(void* buffer, int length, int) override {
        const std::size_t n = std::min(input_.size(), static_cast<std::size_t>(length));
        std::memcpy(buffer, input_.data(), n);
        input_.remove_prefix(n);
        return static_cast<int>(n);
    }
    int receiveBytes(Poco::Net::SocketBufVec&, int) override { return 0; }
    int receiveBytes(Poco::Buffer<char>&, int, const Poco::Timespan&) override { return 0; }
    int sendBytes(const void* buffer, int length, int) override {
        output_.append(static_cast<const char*>(buffer), static_cast<std::size_t>(length));
        return length;
    }
    int sendBytes(const Poco::Net::SocketBufVec&, int) override { return 0; }
    int available() override { return static_cast<int>(input_.size()); }
    bool poll(const Poco::Timespan&, int) override { return true; }
    void close() override {}
    void shutdown() override {}
    Poco::Net::SocketAddress address() override { return {}; }
    Poco::Net::SocketAddress peerAddress() override { return {}; }

protected:
    ~MemorySocket() override = default;

private:
    std::string_view input_;
    std::string output_;
};

/// computeAccept is protected.
struct Handshake : Poco::Net::WebSocket {
    using Poco::Net::WebSocket::computeAccept;
};

}  // namespace

FrameHeadResult readFrameHead(std::string_view bytes) {
    FrameHeadResult result;
    if (bytes.empty()) return result;
    result.error = checkFirstByte(byteAt(bytes, 0));
    if (result.error || bytes.size() < 2) return result;
    const std::uint8_t second = byteAt(bytes, 1);
    FrameHead& head = result.head;
    head.op = byteAt(bytes, 0) & 0x0F;
    head.fin = (byteAt(bytes, 0) & 0x80) != 0;
    head.control = head.op >= 0x8;
    const std::uint8_t shortLength = second & 0x7F;
    if (!(second & 0x80) || (head.control && shortLength > 125)) {
        result.error = close_code::protocolError;
        return result;
    }
    const std::size_t lengthBytes = shortLength == 127 ? 8 : shortLength == 126 ? 2 : 0;
    head.headBytes = 2 + lengthBytes + 4;
    if (bytes.size() < 2 + lengthBytes) return result;
    head.payloadBytes = lengthBytes == 0 ? shortLength : 0;
    for (std::size_t i = 0; i < lengthBytes; ++i) {
        head.payloadBytes = head.payloadBytes << 8 | byteAt(bytes, 2 + i);
    }
    // RFC 6455, 5.2: the most significant bit is 0 and the shortest form is used.
    if (head.payloadBytes >> 63 || (lengthBytes == 2 && head.payloadBytes < 126) ||
        (lengthBytes == 8 && head.payloadBytes < 65'536)) {
        result.error = close_code::protocolError;
        return result;
    }
    if (bytes.size() < head.headBytes) return result;
    std::memcpy(head.mask, bytes.data() + 2 + lengthBytes, 4);
    result.complete = true;
    return result;
}

bool isValidCloseCode(std::uint16_t code) {
    if (code >= 3000 && code <= 4999) return true;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

struct FrameCodec::Impl {
    Poco::Net::HTTPClientSession session;  // the codec's constructor drains one
    Poco::AutoPtr<MemorySocket> socket{new MemorySocket};
    Poco::AutoPtr<Poco::Net::WebSocketImpl> codec{
        new Poco::Net::WebSocketImpl(socket.get(), session, false)};
    std::vector<char> payload;
};

FrameCodec::FrameCodec() : impl_(std::make_unique<Impl>()) {}
FrameCodec::~FrameCodec() = default;

std::optional<std::string_view> FrameCodec::decode(std::string_view frame,
                                                   std::size_t payloadBytes) {
    if (payloadBytes > static_cast<std::size_t>(std::numeric_limits<int>::max())) return {};
    if (impl_->payload.size() < payloadBytes + 1) impl_->payload.resize(payloadBytes + 1);
    impl_->socket->feed(frame);
    try {
        const int n = impl_->codec->receiveBytes(impl_->payload.data(),
                                                 static_cast<int>(impl_->payload.size()), 0);
        // An empty frame returns 0, as an end of file does; the flags tell that it was read.
        if (n < 0 || static_cast<std::size_t>(n) != payloadBytes ||
            impl_->codec->frameFlags() != byteAt(frame, 0)) {
            return {};
        }
        return std::string_view(impl_->payload.data(), payloadBytes);
    } catch (const Poco::Exception&) {
        return {};
    }
}

std::string FrameCodec::encode(std::uint8_t op, std::string_view payload) {
    impl_->codec->sendBytes(payload.data(), static_cast<int>(payload.size()), 0x80 | op);
    return impl_->socket->take();
}

std::optional<std::string> webSocketAccept(const std::string& key) {
    if (key.size() != 24 || !key.ends_with("==")) return std::nullopt;
    try {
        std::istringstream in(key);
        Poco::Base64Decoder decoder(in);
        const std::string bytes{std::istreambuf_iterator<char>(decoder), {}};
        if (bytes.size() != 16) return std::nullopt;
        return Handshake::computeAccept(key);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
}

}  // namespace parley::net
