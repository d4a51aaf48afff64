#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <parley/core/json.h>
#include <parley/socketio/packet.h>

namespace parley::socketio {

/// What a connection's owner does with what a client says. Called from within
/// `Connection::receive`, on the same thread.
class Handler {
public:
    virtual ~Handler() = default;
    /// A client asks to join namespace `nsp` with `auth` (null when it sent none). Answer now or
    /// later with Connection::accept or Connection::refuse.
    virtual void onConnect(std::string_view nsp, Json auth) = 0;
    /// An event; `arguments[0]` is its name, a string. Attachments stand in `packet.binary`, their
    /// placeholders still in `packet.data`.
    virtual void onEvent(Packet packet) = 0;
    /// A client answers an event of ours.
    virtual void onAck(Packet packet) = 0;
    /// The client left the namespace; others of the connection live on.
    virtual void onDisconnect(std::string_view nsp) = 0;
    /// Sends one Engine.IO text message (`text`: with its leading '4').
    virtual void send(std::string text) = 0;
    virtual void sendBinary(std::string bytes) = 0;
};

/// One client's Socket.IO side: which namespaces it is in, packets that await attachments.
/// Pure; one thread.
class Connection {
public:
    explicit Connection(Handler& handler, const PacketLimits& limits = {});
    ~Connection();
    Connection(Connection&&) noexcept;

    /// One Engine.IO message. False when it is malformed: the owner closes the session.
    [[nodiscard]] bool receive(bool binary, std::string_view message);

    /// Lets the client into `nsp`; `payload` is the JSON object of the reply: {"sid":"..."}.
    void accept(std::string_view nsp, std::string_view payload);
    /// Refuses it with {"message":...}.
    void refuse(std::string_view nsp, std::string_view message);
    /// Ends one namespace from this side.
    void disconnect(std::string_view nsp);
    /// Whether the client is in `nsp`.
    bool in(std::string_view nsp) const;
    /// Whether it is in any; a client that never connects is closed by its owner's timer.
    bool inAny() const;

    /// Sends an event or an ack whose `arguments` is a JSON array's text. With attachments the
    /// array holds their placeholders.
    void event(std::string_view nsp, std::string_view arguments,
               const std::vector<std::string>& attachments = {});
    void ack(std::string_view nsp, std::uint64_t id, std::string_view arguments,
             const std::vector<std::string>& attachments = {});

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace parley::socketio
