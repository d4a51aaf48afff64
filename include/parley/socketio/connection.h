#pragma once

#include <parley/core/json.h>
#include <parley/socketio/options.h>
#include <parley/socketio/packet.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace parley::socketio {

/// What a connection's owner does with what a client says. Called from within
/// `Connection::receive`, on the same thread; each may call back into the connection, or destroy
/// it. The views live until the call returns.
class Handler {
public:
    virtual ~Handler() = default;
    /// A client asks to join `nsp`, one of Options::namespaces, with `auth` (an object, or null
    /// when it sent none). Answer now or later with Connection::accept or Connection::refuse.
    virtual void onConnect(std::string_view nsp, Json auth) = 0;
    /// An event; `packet.data` is a JSON array that begins with the event's name, a string or a
    /// number. Attachments stand in `packet.binary`, their placeholders still in `packet.data`.
    virtual void onEvent(Packet packet) = 0;
    /// A client answers an event of ours; `packet.id` is there.
    virtual void onAck(Packet packet) = 0;
    /// The client left the namespace; others of the connection live on.
    virtual void onDisconnect(std::string_view nsp) = 0;
    /// Sends one Engine.IO text packet (with its leading '4').
    virtual void send(std::string_view packet) = 0;
};

/// One client's Socket.IO side: which namespaces it is in, and the packet that awaits its
/// attachments. Pure; one thread. A client that is in "/" alone costs the object and no more.
class Connection {
public:
    /// The references outlive the connection.
    Connection(Handler& handler, const Options& options);
    ~Connection();
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;

    /// One Engine.IO message. False when it is malformed, or makes no sense where the client
    /// stands (an event for a namespace it never joined): the owner closes the session.
    [[nodiscard]] bool receive(bool binary, std::string_view message);

    /// Whether a packet's attachments are still due: then the next message is one of them.
    bool awaitsAttachments() const;

    /// Lets a client that asked into `nsp`; `payload` is the JSON object of the reply:
    /// {"sid":"..."}. Nothing happens when it did not ask, or left meanwhile.
    void accept(std::string_view nsp, std::string_view payload);
    /// Refuses it with {"message":...}, plus "data" when `data`, a JSON text, is not empty.
    void refuse(std::string_view nsp, std::string_view message, std::string_view data = {});
    /// Ends one namespace from this side. What the client sent before it knew is ignored.
    void disconnect(std::string_view nsp);
    /// Whether the client is in `nsp`.
    bool in(std::string_view nsp) const;

private:
    enum class State : std::uint8_t {
        outside,
        asking,  // onConnect was called, no answer yet
        inside,
        dismissed,  // ended from this side; the client may not know yet
    };
    struct Extra;

    State stateOf(std::string_view nsp) const;
    bool setState(std::string_view nsp, State state);
    Extra& extra();
    void dropIdleExtra();
    bool receiveAttachment(std::string_view message);
    bool dispatch(Packet packet);
    bool dispatchConnect(Packet packet);
    void sendRefusal(std::string_view nsp, std::string_view message, std::string_view data);
    void sendPacket(PacketType type, std::string_view nsp, std::string_view payload);

    Handler* handler_;
    const Options* options_;
    std::unique_ptr<Extra> extra_;  // only while there is something in it
    State root_ = State::outside;   // of "/"
};

}  // namespace parley::socketio
