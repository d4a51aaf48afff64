#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

/// One Engine.IO session over long-polling on one TCP connection, one request at a time. Every
/// call waits for its answer, but `park`. Throws std::runtime_error when the server fails.
class Poller {
public:
    explicit Poller(std::uint16_t port);
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void post(std::string_view packets);
    /// The packets of one poll.
    std::string poll();
    /// Sends a poll and leaves it there.
    void park();
    /// Whether the parked poll was answered; another one is parked then.
    bool parkAgain();

private:
    void request(std::string_view method, std::string_view body);
    std::string response();

    int fd_;
    std::string target_;
    std::string in_;
};

}  // namespace parley::bench
