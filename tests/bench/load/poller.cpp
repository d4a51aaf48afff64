#include "poller.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace parley::bench {
namespace {

constexpr timeval answerTime{30, 0};

int connectTo(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("no socket");
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &answerTime, sizeof answerTime);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        throw std::runtime_error("cannot connect");
    }
    return fd;
}

}  // namespace

Poller::Poller(std::uint16_t port)
    : fd_(connectTo(port)), target_("/socket.io/?EIO=4&transport=polling") {
    const std::string open = poll();
    const auto start = open.find("\"sid\":\"");
    if (start == std::string::npos) throw std::runtime_error("no session: " + open);
    const auto end = open.find('"', start + 7);
    target_ += "&sid=" + open.substr(start + 7, end - start - 7);
}

Poller::~Poller() {
    ::close(fd_);
}

void Poller::post(std::string_view packets) {
    request("POST", packets);
    if (const std::string answer = response(); answer != "ok") {
        throw std::runtime_error("a POST was answered: " + answer);
    }
}

std::string Poller::poll() {
    request("GET", {});
    return response();
}

void Poller::park() {
    request("GET", {});
}

bool Poller::parkAgain() {
    pollfd readable{fd_, POLLIN, 0};
    if (::poll(&readable, 1, 0) <= 0) return false;
    response();
    park();
    return true;
}

void Poller::request(std::string_view method, std::string_view body) {
    std::string out(method);
    out += ' ' + target_ + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    out += "\r\n";
    out += body;
    if (::send(fd_, out.data(), out.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(out.size())) {
        throw std::runtime_error("the server closed a poller's connection");
    }
}

std::string Poller::response() {
    std::size_t head = 0;
    std::size_t length = 0;
    while (head == 0 || in_.size() < head + length) {
        char bytes[16 * 1024];
        const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
        if (n <= 0) throw std::runtime_error("the server did not answer a poller");
        in_.append(bytes, static_cast<std::size_t>(n));
        const auto end = in_.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        head = end + 4;
        if (!in_.starts_with("HTTP/1.1 200 ")) throw std::runtime_error(in_.substr(0, end));
        const auto field = in_.find("Content-Length: ");
        if (field < end) length = std::stoul(in_.substr(field + 16));
    }
    std::string body = in_.substr(head, length);
    in_.erase(0, head + length);
    if (in_.empty()) in_.shrink_to_fit();
    return body;
}

}  // namespace parley::bench
