#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

/// One Engine.IO session over long-polling on one TCP connection, one request at a time. Every call
/// except `park` waits for its reply. Throws std::runtime_error if the server fails.
class Poller {
public:
    explicit Poller(std::uint16_t port);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void post(std::string_view packets);
    /// The packets of one poll.
    std::string poll();
    /// Sends a poll without waiting for its reply.
    void park();
    /// Returns whether the waiting poll got its reply; if so, sends another one.
    bool parkAgain();

private:
    void request(std::string_view method, std::string_view body);
    std::string response();

    int fd_;
    std::string target_;
    std::string in_;
};

}  // namespace parley::bench
