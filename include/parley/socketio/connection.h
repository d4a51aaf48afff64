#pragma once

#include <parley/core/json.h>
#include <parley/socketio/options.h>
#include <parley/socketio/packet.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace parley::socketio {

/// What a connection's owner does with what a client says. The `on` calls come from within
/// `Connection::receive`, at most one for each message, as the last thing that it does: each may
/// call back into the connection, or destroy it. The views live until the call returns.
class Handler {
public:
    virtual ~Handler() = default;
    /// A client asks to join `nsp`, one of Options::namespaces, with `auth` (an object, or null
    /// when it sent none). Answer now or later with Connection::accept or Connection::refuse. There
    /// is no timeout here. Until then every packet of the client for `nsp` is malformed.
    virtual void onConnect(std::string_view nsp, Json auth) = 0;
    /// An event in a namespace that the client is in. `packet.data` is a JSON array that begins
    /// with the event's name, a string or a number; `packet.id` is there when the client wants an
    /// ack. Attachments stand in `packet.binary`, their placeholders still in `packet.data`.
    virtual void onEvent(Packet packet) = 0;
    /// A client answers an event of ours; `packet.id` is there, but need be none that was asked.
    virtual void onAck(Packet packet) = 0;
    /// The client left the namespace; its others go on. Not called for `Connection::disconnect`, or
    /// when the connection ends.
    virtual void onDisconnect(std::string_view nsp) = 0;
    /// Sends one Engine.IO text packet (with its leading '4'). Called from within any call of the
    /// connection that answers; must not call back into it.
    virtual void send(std::string_view packet) = 0;
};

/// One client's Socket.IO side: which namespaces it is in, and the packet that awaits its
/// attachments. A state machine without a socket: events and acks to the client are the owner's
/// (appendPacketHead). One thread. A client that is in "/" alone costs the object and no more.
class Connection {
public:
    /// REQUIRES: `handler` and `options` outlive the connection.
    Connection(Handler& handler, const Options& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Takes one Engine.IO message. False when it is malformed, or makes no sense where the client
    /// stands: an event for a namespace it is not in, a second CONNECT, a namespace too many, text
    /// where an attachment is due. The owner then closes the session and must not call `receive`
    /// again. The view is not kept. After `true` the handler may have destroyed the connection.
    [[nodiscard]] bool receive(bool binary, std::string_view message);

    /// Whether a packet's attachments are still due: then the next message is one of them.
    bool awaitsAttachments() const;

    /// Lets a client that asked into `nsp`, and answers CONNECT with `payload`, the text of a JSON
    /// object: {"sid":"..."}. Nothing happens when it did not ask, or was answered already.
    void accept(std::string_view nsp, std::string_view payload);
    /// Refuses a client that asked: CONNECT_ERROR with {"message":...}, plus "data" when `data`, a
    /// JSON text, is not empty. It may ask again. Nothing happens when it did not ask, or was
    /// answered already.
    void refuse(std::string_view nsp, std::string_view message, std::string_view data = {});
    /// Ends one namespace from this side and tells the client. What it sent before it knew is
    /// ignored; it may ask again. Nothing happens when it is not in `nsp`.
    void disconnect(std::string_view nsp);
    /// Whether the client is in `nsp`: accepted, and not gone since.
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
    bool isStranger() const;
    std::optional<Packet> decodeStrangers(std::string_view message) const;
    bool receiveAttachment(std::string_view message);
    bool dispatch(Packet packet);
    bool dispatchConnect(Packet packet);
    void sendRefusal(std::string_view nsp, std::string_view message, std::string_view data);
    void sendPacket(PacketType type, std::string_view nsp, std::string_view payload);

    Handler& handler_;
    const Options& options_;
    std::unique_ptr<Extra> extra_;  // only while there is something in it
    State root_ = State::outside;   // of "/"
};

}  // namespace parley::socketio
