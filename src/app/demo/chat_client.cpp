#include "app/demo/chat_client.h"

#include "app/demo/https_session.h"

#include <parley/core/clock.h>
#include <parley/core/try.h>

#include <Poco/Buffer.h>
#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/WebSocket.h>
#include <Poco/StreamCopier.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <charconv>
#include <chrono>
#include <exception>
#include <sstream>
#include <utility>

namespace parley::app::sample {
namespace {

using Poco::Net::WebSocket;

constexpr int kAnswerTimeoutSeconds = 10;
constexpr int kFrameBytesMax = 4 * 1024 * 1024;

std::string hintFor(const Poco::Exception& error) {
    if (dynamic_cast<const Poco::Net::ConnectionRefusedException*>(&error)) {
        return " (is the server running? parley serve)";
    }
    if (dynamic_cast<const Poco::Net::SSLException*>(&error)) {
        return " (--ca FILE names the certificates to trust; without TLS the URL begins with "
               "http:)";
    }
    if (dynamic_cast<const Poco::Net::MessageException*>(&error)) {
        return " (does the server speak TLS? Then the URL begins with https:)";
    }
    return {};
}

// POCO and nlohmann throw; past this function errors are values. `doing` begins the message.
template <typename Work>
auto guarded(const std::string& doing, Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const Poco::TimeoutException&) {
        return Error{ErrorCode::internal,
                     doing + ": no answer within " + std::to_string(kAnswerTimeoutSeconds) + " s"};
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::internal, doing + ": " + e.displayText() + hintFor(e)};
    } catch (const std::exception& e) {
        return Error{ErrorCode::internal, doing + ": " + e.what()};
    }
}

std::string nameOf(const ServerAddress& server) {
    return server.host + ":" + std::to_string(server.port);
}

// The server may be newer and know codes that this program does not.
ErrorCode codeOf(std::string_view name) {
    const auto known = clientErrors();
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (known[i].name == name) return static_cast<ErrorCode>(i);
    }
    return ErrorCode::internal;
}

std::string textOr(const Json& object, const char* key, const char* otherwise) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

std::unique_ptr<Poco::Net::HTTPClientSession> openSession(const ServerAddress& server) {
    using namespace Poco::Net;
    std::unique_ptr<HTTPClientSession> session;
    if (server.tls) {
        session = makeHttpsSession(server.host, server.port, server.ca);
    } else {
        session = std::make_unique<HTTPClientSession>(server.host, server.port);
    }
    session->setTimeout(Poco::Timespan(kAnswerTimeoutSeconds, 0));
    return session;
}

}  // namespace

Result<ServerAddress> parseServerUrl(const std::string& url) {
    const Error refused{
        ErrorCode::invalid_value,
        "the server's URL must look like https://chat.example or http://localhost:3500, not \"" +
            url + "\""};
    try {
        const Poco::URI uri(url);
        const bool bare = uri.getPathEtc().empty() || uri.getPathEtc() == "/";
        const bool tls = uri.getScheme() == "https";
        if ((uri.getScheme() != "http" && !tls) || uri.getHost().empty() || !bare) return refused;
        return ServerAddress{uri.getHost(), uri.getPort(), tls};
    } catch (const Poco::Exception&) {
        return refused;
    }
}

std::string urlEncoded(const std::string& text) {
    std::string encoded;
    Poco::URI::encode(text, "!#$&'()*+,/:;=?@[]", encoded);
    return encoded;
}

Result<HttpAnswer> restRequest(const ServerAddress& server, const std::string& method,
                               const std::string& path, const std::optional<Json>& body,
                               const std::string& token) {
    const std::string doing = method + " " + path + " at " + nameOf(server);
    return guarded(doing, [&]() -> Result<HttpAnswer> {
        const auto session = openSession(server);
        Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
        const std::string text = body ? body->dump() : std::string();
        if (body) {
            request.setContentType("application/json");
            request.setContentLength(static_cast<std::streamsize>(text.size()));
        }
        if (!token.empty()) request.set("Authorization", "Bearer " + token);
        session->sendRequest(request) << text;
        Poco::Net::HTTPResponse response;
        std::string answer;
        Poco::StreamCopier::copyToString(session->receiveResponse(response), answer);
        auto json = parseJson(answer);
        if (!json) {
            return Error{ErrorCode::internal, doing + ": answered " +
                                                  std::to_string(response.getStatus()) +
                                                  " without JSON; is this a Parley server?"};
        }
        return HttpAnswer{response.getStatus(), std::move(*json)};
    });
}

/// Text messages over a WebSocket. Throws POCO's exceptions.
class ChatClient::Wire {
public:
    explicit Wire(const ServerAddress& server) : socket_(open(server)) {
        socket_.setMaxPayloadSize(kFrameBytesMax);
        socket_.setReceiveTimeout(Poco::Timespan(kAnswerTimeoutSeconds, 0));
        socket_.setSendTimeout(Poco::Timespan(kAnswerTimeoutSeconds, 0));
    }

    void send(const std::string& text, int flags = WebSocket::FRAME_TEXT) {
        socket_.sendFrame(text.data(), static_cast<int>(text.size()), flags);
    }

    bool readable() {
        // Bytes that came with the handshake's answer are in POCO's buffer, not in the socket.
        return socket_.available() > 0 ||
               socket_.poll(Poco::Timespan(0), Poco::Net::Socket::SELECT_READ);
    }

    /// The next text message; waits for it. A frame that stops half-way ends in the time-out,
    /// after which the connection cannot be used any more.
    std::string receive() {
        std::string message;
        for (;;) {
            Poco::Buffer<char> frame(0);
            int flags = 0;
            socket_.receiveFrame(frame, flags);
            const int opcode = flags & WebSocket::FRAME_OP_BITMASK;
            const bool ended = flags == 0;  // POCO reports the end of the stream as this
            if (ended || opcode == WebSocket::FRAME_OP_CLOSE) {
                throw Poco::IOException("the server closed the connection");
            }
            if (opcode == WebSocket::FRAME_OP_PING) {
                send(std::string(frame.begin(), frame.end()),
                     static_cast<int>(WebSocket::FRAME_FLAG_FIN) | WebSocket::FRAME_OP_PONG);
            } else if (opcode != WebSocket::FRAME_OP_PONG) {
                message.append(frame.begin(), frame.size());
                if ((flags & WebSocket::FRAME_FLAG_FIN) != 0) return message;
            }
        }
    }

    void close() { socket_.shutdown(); }

private:
    static WebSocket open(const ServerAddress& server) {
        const auto session = openSession(server);
        Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET,
                                       "/socket.io/?EIO=4&transport=websocket",
                                       Poco::Net::HTTPMessage::HTTP_1_1);
        Poco::Net::HTTPResponse response;
        return WebSocket(*session, request, response);
    }

    WebSocket socket_;
};

ChatClient::ChatClient(std::unique_ptr<Wire> wire, std::string userId)
    : wire_(std::move(wire)), userId_(std::move(userId)) {}

ChatClient::~ChatClient() {
    if (!connected_) return;
    // A failed goodbye changes nothing: the server sees the connection end either way.
    static_cast<void>(guarded("goodbye", [&]() -> Result<void> {
        wire_->send("41");
        wire_->close();
        return {};
    }));
}

Result<std::unique_ptr<ChatClient>> ChatClient::connect(const ServerAddress& server,
                                                        std::string userId,
                                                        const std::string& token) {
    const std::string doing = "connecting " + userId + " to " + nameOf(server);
    return guarded(doing, [&]() -> Result<std::unique_ptr<ChatClient>> {
        std::unique_ptr<ChatClient> client(
            new ChatClient(std::make_unique<Wire>(server), std::move(userId)));
        PARLEY_TRY(client->greet(token));
        return client;
    });
}

Result<void> ChatClient::greet(const std::string& token) {
    if (const std::string open = wire_->receive(); open.empty() || open.front() != '0') {
        return Error{ErrorCode::internal, "the server speaks no Engine.IO"};
    }
    wire_->send(token.empty() ? std::string("40") : "40" + Json{{"token", token}}.dump());
    while (!connected_) {
        PARLEY_TRY(takePacket());
    }
    return {};
}

Result<Json> ChatClient::request(std::string_view event, const Json& payload) {
    const std::string doing = std::string(event) + " by " + userId_;
    return guarded(doing, [&]() -> Result<Json> {
        const SystemClock clock;
        const auto deadline = clock.monotonic() + std::chrono::seconds(kAnswerTimeoutSeconds);
        ack_.reset();
        ++lastAckId_;
        wire_->send("42" + std::to_string(lastAckId_) + Json::array({event, payload}).dump());
        while (!ack_) {
            PARLEY_TRY(takePacket());
            // Events may keep coming for ever without the ack among them.
            if (!ack_ && clock.monotonic() > deadline) throw Poco::TimeoutException();
        }
        if (ack_->is_object() && ack_->contains("success") && (*ack_)["success"] == false) {
            const std::string code = textOr(*ack_, "code", "no code");
            return Error{codeOf(code),
                         doing + " was refused: " + textOr(*ack_, "error", "no reason given") +
                             " (" + code + ")"};
        }
        return std::move(*ack_);
    });
}

Result<void> ChatClient::listen() {
    return guarded("listening for " + userId_, [&]() -> Result<void> {
        while (wire_->readable()) {
            PARLEY_TRY(takePacket());
        }
        return {};
    });
}

// One Engine.IO packet: 1 close, 2 ping, 4 message; the rest is not for us.
Result<void> ChatClient::takePacket() {
    const std::string packet = wire_->receive();
    if (packet.empty()) return {};
    if (packet.front() == '1') return Error{ErrorCode::internal, "the server ended the session"};
    if (packet.front() == '2') wire_->send("3" + packet.substr(1));
    if (packet.front() == '4') return takeMessage(std::string_view(packet).substr(1));
    return {};
}

// One Socket.IO packet: 0 connected, 1 disconnected, 2 event, 3 ack, 4 connection refused.
Result<void> ChatClient::takeMessage(std::string_view packet) {
    if (packet.empty()) return {};
    const std::string_view body = packet.substr(1);
    switch (packet.front()) {
        case '0': connected_ = true; return {};
        case '1': return Error{ErrorCode::internal, "the server disconnected " + userId_};
        case '2':
            if (const auto event = parseJson(body)) takeEvent(*event);
            return {};
        case '3': return takeAck(body);
        case '4':
            return Error{ErrorCode::internal, "the server refused the connection of " + userId_ +
                                                  ": " + std::string(body)};
        default: return {};
    }
}

void ChatClient::takeEvent(const Json& event) {
    ++eventsReceived_;
    if (!event.is_array() || event.size() < 2 || event[0] != "new_message") return;
    const Json& message = event[1];
    if (!message.is_object() || !message.contains("isVisible")) return;
    if (message["isVisible"] == false && textOr(message, "fromUserId", "") != userId_) {
        ++hiddenReceived_;
    }
}

Result<void> ChatClient::takeAck(std::string_view body) {
    std::int64_t id = 0;
    const auto [end, failed] = std::from_chars(body.data(), body.data() + body.size(), id);
    if (failed != std::errc() || id != lastAckId_) return {};
    auto arguments = parseJson(body.substr(static_cast<std::size_t>(end - body.data())));
    if (!arguments || !arguments->is_array()) {
        return Error{ErrorCode::internal, "the server's ack cannot be read"};
    }
    ack_ = arguments->empty() ? Json() : std::move((*arguments)[0]);
    return {};
}

}  // namespace parley::app::sample
