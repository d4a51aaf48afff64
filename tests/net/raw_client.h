#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cstdint>
#include <fcntl.h>
#include <map>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::net::test {

struct RawResponse {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case; several joined by ", "
    std::string body;
    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
};

struct RawFrame {
    bool fin = false;
    std::uint8_t op = 0;
    std::string payload;
    /// Of a close frame; 0: none.
    int closeCode() const {
        if (op != 8 || payload.size() < 2) return 0;
        return static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
    }
};

/// A client's frame. `first`: FIN, reserved bits and opcode.
inline std::string clientFrame(unsigned first, std::string_view payload, bool masked = true) {
    std::string frame(1, static_cast<char>(first));
    const unsigned mask = masked ? 0x80 : 0;
    const std::size_t n = payload.size();
    if (n < 126) {
        frame += static_cast<char>(mask | n);
    } else if (n < 65'536) {
        frame += static_cast<char>(mask | 126);
        for (int shift = 8; shift >= 0; shift -= 8) frame += static_cast<char>(n >> shift & 0xFF);
    } else {
        frame += static_cast<char>(mask | 127);
        for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(n >> shift & 0xFF);
    }
    if (!masked) return frame.append(payload);
    const char key[4] = {'\x12', '\x34', '\x56', '\x78'};
    frame.append(key, 4);
    for (std::size_t i = 0; i < n; ++i) frame += static_cast<char>(payload[i] ^ key[i % 4]);
    return frame;
}

/// An Engine.IO message of `bytes` times `c`.
inline std::string packet(std::size_t bytes, char c) {
    std::string text(bytes + 1, c);
    text[0] = '4';
    return text;
}

inline std::string textMessage(std::string_view text) {
    return clientFrame(0x81, text);
}

/// The head of a correct WebSocket handshake.
inline std::string handshake(const std::string& target, const std::string& headers = "") {
    return "GET " + target +
           " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, "
           "Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           headers + "\r\n";
}

/// A client that sends exactly the bytes that a test gives it, over loopback. Every read gives up
/// after a few seconds, so that a broken server fails a test instead of hanging it.
class RawClient {
public:
    /// `receiveBufferBytes`: 0 keeps the machine's default; a small one makes a slow reader.
    explicit RawClient(std::uint16_t port, bool ipv6 = false, int receiveBufferBytes = 0) {
        socket_ = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (receiveBufferBytes > 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, sizeof(int));
        }
        const int one = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        v6.sin6_addr = in6addr_loopback;
        const auto* address =
            ipv6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
        const auto length = static_cast<socklen_t>(ipv6 ? sizeof v6 : sizeof v4);
        if (::connect(socket_, address, length) != 0) {
            ::close(socket_);
            throw std::runtime_error("cannot connect");
        }
    }
    ~RawClient() {
        if (socket_ >= 0) ::close(socket_);
    }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return;  // the server closed; the test sees that when it reads
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    void sendByteByByte(std::string_view bytes) {
        for (const char byte : bytes) send({&byte, 1});
    }
    void endSending() { ::shutdown(socket_, SHUT_WR); }
    /// Closes with a reset.
    void reset() {
        const linger now{1, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        ::close(socket_);
        socket_ = -1;
    }

    /// One response; nothing when the server closed before it was whole. `head`: of a HEAD
    /// request, which has no body.
    std::optional<RawResponse> response(bool head = false) {
        std::size_t end = 0;
        while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
            if (!fill()) return std::nullopt;
        }
        RawResponse result;
        result.status = std::stoi(buffer_.substr(9, 3));
        std::size_t at = buffer_.find("\r\n") + 2;
        while (at < end + 2) {
            const auto lineEnd = buffer_.find("\r\n", at);
            const auto colon = buffer_.find(": ", at);
            std::string name = buffer_.substr(at, colon - at);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            std::string& value = result.headers[name];
            if (!value.empty()) value += ", ";
            value += buffer_.substr(colon + 2, lineEnd - colon - 2);
            at = lineEnd + 2;
        }
        buffer_.erase(0, end + 4);
        const std::string length = result.header("content-length");
        const std::size_t bytes = head || length.empty() ? 0 : std::stoul(length);
        while (buffer_.size() < bytes) {
            if (!fill()) return std::nullopt;
        }
        result.body = buffer_.substr(0, bytes);
        buffer_.erase(0, bytes);
        return result;
    }

    std::optional<RawFrame> frame() {
        if (!need(2)) return std::nullopt;
        RawFrame result;
        result.fin = (buffer_[0] & 0x80) != 0;
        result.op = buffer_[0] & 0x0F;
        std::size_t length = static_cast<unsigned char>(buffer_[1]);
        const std::size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
        if (!need(2 + more)) return std::nullopt;
        if (more > 0) length = 0;
        for (std::size_t i = 0; i < more; ++i) {
            length = length << 8 | static_cast<unsigned char>(buffer_[2 + i]);
        }
        if (!need(2 + more + length)) return std::nullopt;
        result.payload = buffer_.substr(2 + more, length);
        buffer_.erase(0, 2 + more + length);
        return result;
    }

    /// Whether the server closes without sending more.
    bool closed() { return buffer_.empty() && !fill() && ended_; }
    bool silent(int ms = 100) { return buffer_.empty() && !fill(ms) && !ended_; }

    std::optional<RawResponse> get(const std::string& target, const std::string& headers = "") {
        send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
        return response();
    }
    std::optional<RawResponse> post(const std::string& target, const std::string& body,
                                    const std::string& headers = "") {
        send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
        return response();
    }
    /// Opens a WebSocket, with `after` in the same segment; returns the response's status.
    int upgrade(const std::string& target, const std::string& after = "",
                const std::string& headers = "") {
        send(handshake(target, headers) + after);
        const auto answer = response();
        return answer ? answer->status : 0;
    }

private:
    bool need(std::size_t bytes) {
        while (buffer_.size() < bytes) {
            if (!fill()) return false;
        }
        return true;
    }
    bool fill(int timeoutMs = 5000) {
        if (ended_) return false;
        pollfd ready{socket_, POLLIN, 0};
        if (::poll(&ready, 1, timeoutMs) <= 0) return false;
        char bytes[16 * 1024];
        const auto n = ::recv(socket_, bytes, sizeof bytes, 0);
        if (n <= 0) {
            ended_ = true;
            return false;
        }
        buffer_.append(bytes, static_cast<std::size_t>(n));
        return true;
    }

    int socket_ = -1;
    bool ended_ = false;
    std::string buffer_;
};

}  // namespace parley::net::test
