#pragma once

#include <parley/core/json.h>
#include <parley/core/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley::app::sample {

/// Where the server listens. Over TLS a request that blocks up to 10 s may block up to 20 s
/// (app/demo/https_session.h).
struct ServerAddress {
    std::string host;
    std::uint16_t port = 0;
    bool tls = false;
    std::string ca{};  ///< PEM file of the certificates to trust; empty: the system's
};

/// Reads "http://host:port" or "https://host:port"; refuses any other scheme, and a path.
Result<ServerAddress> parseServerUrl(const std::string& url);

/// As one segment of a path, also inside a shell's quotes.
std::string urlEncoded(const std::string& text);

struct HttpAnswer {
    int status = 0;
    Json body;
};

/// One REST request, `body` absent for GET, `token` empty where there is none. An answer of any
/// status is a success here; no answer, or one that is not JSON, is refused. Blocks up to 10 s.
Result<HttpAnswer> restRequest(const ServerAddress& server, const std::string& method,
                               const std::string& path, const std::optional<Json>& body,
                               const std::string& token);

/// One person's Socket.IO connection (WebSocket only, default namespace), run by the thread
/// that calls. Between requests `listen` must be called every few seconds, or the server
/// misses its pongs and hangs up.
class ChatClient {
public:
    /// Blocks until the server has accepted the connection, up to 10 s. `userId` is the person
    /// whose own messages are not counted as hidden from them. `token`: empty where there is none.
    static Result<std::unique_ptr<ChatClient>> connect(const ServerAddress& server,
                                                       std::string userId,
                                                       const std::string& token);

    /// Says goodbye if the connection still stands.
    ~ChatClient();
    ChatClient(const ChatClient&) = delete;
    ChatClient& operator=(const ChatClient&) = delete;

    /// Sends the event and blocks until its ack, up to 10 s. A refusal is the error, with the
    /// server's code and words. What arrives meanwhile is taken in.
    Result<Json> request(std::string_view event, const Json& payload);

    /// Takes in everything that has arrived, answers heartbeats; does not wait.
    Result<void> listen();

    /// Events the server sent, acks not counted.
    std::size_t eventsReceived() const { return eventsReceived_; }
    /// `new_message` of others with isVisible false.
    std::size_t hiddenReceived() const { return hiddenReceived_; }

private:
    class Wire;
    ChatClient(std::unique_ptr<Wire> wire, std::string userId);

    Result<void> greet(const std::string& token);
    Result<void> takePacket();
    Result<void> takeMessage(std::string_view packet);
    void takeEvent(const Json& event);
    Result<void> takeAck(std::string_view body);

    std::unique_ptr<Wire> wire_;
    const std::string userId_;
    bool connected_ = false;
    std::int64_t lastAckId_ = 0;
    std::optional<Json> ack_;  // of lastAckId_, once it is here
    std::size_t eventsReceived_ = 0;
    std::size_t hiddenReceived_ = 0;
};

}  // namespace parley::app::sample
