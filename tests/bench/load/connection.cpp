#include "connection.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr unsigned opText = 1;
constexpr unsigned opClose = 8;
constexpr unsigned opPing = 9;
constexpr unsigned opPong = 10;
/// Far above any reply of a benchmark; a larger length means that the stream is out of sync.
constexpr std::uint64_t frameBytesMax = 16 * 1024 * 1024;

std::uint32_t nextRandom(std::uint32_t& state) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/// XORs `text` with the mask, eight bytes at a time.
void maskInPlace(char* text, std::size_t length, std::uint32_t mask) {
    const std::uint64_t wide = std::uint64_t{mask} << 32 | mask;
    std::size_t i = 0;
    for (; i + sizeof wide <= length; i += sizeof wide) {
        std::uint64_t word = 0;
        std::memcpy(&word, text + i, sizeof word);
        word ^= wide;
        std::memcpy(text + i, &word, sizeof word);
    }
    for (; i < length; ++i) text[i] = static_cast<char>(text[i] ^ (mask >> 8 * (i & 3) & 0xff));
}

/// Joins the default namespace.
std::string connectPacket(const std::string& token) {
    return token.empty() ? "40" : R"(40{"token":")" + token + R"("})";
}

int connectTo(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error(std::string("socket: ") + std::strerror(errno));
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
        const std::string why = std::strerror(errno);
        close(fd);
        throw std::runtime_error("connect to port " + std::to_string(port) + ": " + why);
    }
    return fd;
}

}  // namespace

Connection::Connection(Loop& loop, ConnectionHandler& handler, const Options& options,
                       std::size_t index)
    : loop_(loop),
      handler_(handler),
      token_(options.token),
      index_(index),
      stream_(std::make_unique<Stream>(connectTo(options.portOf(index)), options.tls)),
      maskSeed_(static_cast<std::uint32_t>(index) * 2654435761u + 1) {
    // The key is fixed: a random key would prove no more about the server than the 101 does.
    out_ = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost:" +
           std::to_string(options.portOf(index)) +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: cGFybGV5LWJlbmNoLWtleQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    // Over loopback the connection is usually established already, without an event. If it is not,
    // or has failed, an event follows.
    const ssize_t sent = stream_->send(out_);
    if (sent > 0) out_.erase(0, static_cast<std::size_t>(sent));
    wantsWrite_ = !out_.empty() && (sent >= 0 || errno == ENOTCONN || stream_->awaitsRoom());
    loop_.add(stream_->descriptor(), *this, wantsWrite_);
}

Connection::~Connection() {
    if (stream_) loop_.remove(stream_->descriptor(), *this);
}

void Connection::request(std::uint64_t ackId, std::string_view event) {
    std::array<char, 24> head{'4', '2'};
    const auto end = std::to_chars(head.data() + 2, head.data() + head.size(), ackId).ptr;
    sendFrame(opText, {head.data(), static_cast<std::size_t>(end - head.data())}, event);
}

void Connection::sendFrame(unsigned opcode, std::string_view head, std::string_view body) {
    if (state_ == State::lost) return;
    const std::size_t length = head.size() + body.size();
    out_.push_back(static_cast<char>(0x80 | opcode));
    if (length < 126) {
        out_.push_back(static_cast<char>(0x80 | length));
    } else if (length <= 0xffff) {
        out_.push_back(static_cast<char>(0x80 | 126));
        out_.push_back(static_cast<char>(length >> 8));
        out_.push_back(static_cast<char>(length & 0xff));
    } else {
        throw std::length_error("the load generator sends no frame this long");
    }
    const std::uint32_t mask = nextRandom(maskSeed_);
    out_.append(reinterpret_cast<const char*>(&mask), sizeof mask);
    const std::size_t start = out_.size();
    out_.append(head).append(body);
    maskInPlace(out_.data() + start, length, mask);
    queued();
}

void Connection::queued() {
    if (flushQueued_) return;
    flushQueued_ = true;
    loop_.flushSoon(*this);
}

void Connection::onWritable() {
    flush();
}

void Connection::flush() {
    flushQueued_ = false;
    if (state_ == State::lost) return;
    std::size_t sent = 0;
    while (sent < out_.size()) {
        const ssize_t n = stream_->send(std::string_view(out_).substr(sent));
        if (n <= 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == ENOTCONN) break;
            return lose(std::string("send: ") + std::strerror(errno));
        }
        sent += static_cast<std::size_t>(n);
    }
    out_.erase(0, sent);
    const bool want = !out_.empty() && stream_->awaitsRoom();
    if (want != wantsWrite_) loop_.wantWrite(stream_->descriptor(), *this, want);
    wantsWrite_ = want;
}

void Connection::onReadable(std::vector<char>& buffer) {
    if (state_ == State::lost) return;
    const ssize_t n = stream_->receive(buffer.data(), buffer.size());
    if (!out_.empty()) queued();  // TLS may have waited for what has just arrived
    if (n < 0) {
        if (errno == EAGAIN || errno == EINTR) return;
        return lose(std::string("recv: ") + std::strerror(errno));
    }
    if (n == 0) return lose("the server closed the connection");
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(n));
    if (in_.empty()) {
        const std::size_t used = consume(bytes);
        in_.assign(bytes.substr(used));
    } else {
        in_.append(bytes);
        in_.erase(0, consume(in_));
    }
}

/// Handles every complete frame at the start of `bytes`; returns the number of bytes used.
std::size_t Connection::consume(std::string_view bytes) {
    std::size_t used = 0;
    if (state_ == State::upgrading) {
        used = consumeUpgrade(bytes);
        if (used == 0) return 0;
    }
    while (state_ != State::lost) {
        const auto* p = reinterpret_cast<const unsigned char*>(bytes.data()) + used;
        const std::size_t left = bytes.size() - used;
        if (left < 2) break;
        if ((p[0] & 0xf0) != 0x80 || (p[1] & 0x80) != 0) {
            lose("a frame that is fragmented, compressed or masked");
            break;
        }
        std::uint64_t length = p[1];
        std::size_t header = 2;
        if (length == 126) header = 4;
        if (length == 127) header = 10;
        if (left < header) break;
        if (header > 2) {
            length = 0;
            for (std::size_t i = 2; i < header; ++i) length = length << 8 | p[i];
        }
        if (length > frameBytesMax) {
            lose("a frame of " + std::to_string(length) + " bytes");
            break;
        }
        if (left - header < length) break;
        const std::string_view payload = bytes.substr(used + header, length);
        used += header + length;
        onFrame(p[0] & 0xf, payload);
    }
    return used;
}

std::size_t Connection::consumeUpgrade(std::string_view bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (bytes.size() > 16 * 1024) lose("an endless HTTP answer");
        return 0;
    }
    if (!bytes.starts_with("HTTP/1.1 101 ")) {
        lose("no upgrade: " + std::string(bytes.substr(0, bytes.find("\r\n"))));
        return 0;
    }
    state_ = State::opening;
    return end + 4;
}

void Connection::onFrame(unsigned opcode, std::string_view payload) {
    switch (opcode) {
        case opText: return onPacket(payload);
        case opPing: return sendFrame(opPong, payload);
        case opPong: return;
        case opClose: return lose("the server closed the WebSocket");
        default: return lose("a frame with opcode " + std::to_string(opcode));
    }
}

void Connection::onPacket(std::string_view packet) {
    if (packet.empty()) return lose("an empty packet");
    switch (packet[0]) {
        case '0': return sendFrame(opText, connectPacket(token_));  // open
        case '2': return sendFrame(opText, "3");                    // ping
        case '4': return onSocketPacket(packet.substr(1));
        case '6': return;  // noop
        default: return lose("unexpected packet " + std::string(packet.substr(0, 40)));
    }
}

void Connection::onSocketPacket(std::string_view packet) {
    const char type = packet.empty() ? ' ' : packet[0];
    if (type == '2') return handler_.onEvent(*this, packet.substr(1));
    if (type == '3') {
        std::uint64_t ackId = 0;
        const char* end = packet.data() + packet.size();
        const auto [rest, error] = std::from_chars(packet.data() + 1, end, ackId);
        if (error != std::errc{}) return lose("an acknowledgement without an id");
        return handler_.onAck(*this, ackId, {rest, static_cast<std::size_t>(end - rest)});
    }
    if (type == '0' && state_ == State::opening) {
        state_ = State::ready;
        return handler_.onReady(*this);
    }
    lose("unexpected Socket.IO packet " + std::string(packet.substr(0, 200)));
}

void Connection::lose(const std::string& why) {
    if (state_ == State::lost) return;
    state_ = State::lost;
    loop_.remove(stream_->descriptor(), *this);
    stream_.reset();
    handler_.onLost(*this, why);
}

}  // namespace parley::bench
