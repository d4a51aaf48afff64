#pragma once

#include "gateway/clients/handshake.h"
#include "gateway/clients/rooms.h"
#include "gateway/limits/client_limits.h"

#include <parley/core/json.h>
#include <parley/core/numbers.h>
#include <parley/domain/principal.h>
#include <parley/engineio/endpoint.h>
#include <parley/gateway/calls/quick_request.h>
#include <parley/socketio/connection.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace parley {

class Client;
class ClientReads;
struct CatchUp;

/// What a client does, as its loop is told. Called from within `Client::receive` and
/// `Client::callEnded`; may call back into the client, or destroy it.
class ClientEvents {
public:
    virtual ~ClientEvents() = default;
    /// It asks to be let into the default namespace: answer now or later with `Client::accept`.
    virtual void onConnect(Client& client, const Json& auth) = 0;
    /// It emits an event.
    virtual void onRequest(Client& client, socketio::Packet packet) = 0;
    /// It left the default namespace by itself.
    virtual void onLeave(Client& client) = 0;
};

/// What all clients of a loop work with.
struct ClientHost {
    ClientEvents& events;
    engineio::Endpoint& sessions;
    socketio::Options options{};
};

/// The two pids between which the writer decides: that of the session which a client asks for, and
/// that of the new one which it gets if the first cannot be resumed.
struct ResumeAttempt {
    std::string pid;
    std::string fresh;
};

/// Everything that ends when a client leaves the default namespace, and begins anew with its next
/// CONNECT. A fresh one replaces it as a whole, so that nothing of one person reaches the next one
/// on the same socket.
struct Presence {
    explicit Presence(ConnectionId connection);
    ~Presence();
    Presence(Presence&&) noexcept;
    Presence& operator=(Presence&&) noexcept;

    Subscriber subscriber;
    PrincipalPtr principal;  ///< from the token of its CONNECT; null with auth.mode=none
    std::unique_ptr<ResumeAttempt> resuming;  ///< while the writer looks for its session
    std::unique_ptr<CatchUp> catchUp;         ///< while it is sent what it missed
    std::unique_ptr<ClientReads> reads;       ///< while it is owed history
    std::unique_ptr<Json> nextConnect;        ///< a CONNECT that waits for earlier calls to end
};

/// One client of a loop: its Socket.IO side, its calls under way, and its presence. The loop's
/// thread.
class Client final : private socketio::Handler {
public:
    /// `host` outlives the client. `wish` is what the URL of its handshake says of recovery.
    /// `limits`: null with auth.mode=none.
    Client(ClientHost& host, ConnectionId connection, ClientHandshake handshake,
           std::unique_ptr<ClientLimits> limits = nullptr);
    ~Client() override;

    ConnectionId connection() const { return presence_.subscriber.connection(); }
    const ClientHandshake& handshake() const { return handshake_; }

    /// What it may ask for; null with auth.mode=none.
    ClientLimits* limits() { return limits_.get(); }

    /// How the request in an Engine.IO message begins, where it begins as usual. Costs little,
    /// however long the message is.
    std::optional<QuickHead> requestHead(bool binary, std::string_view message) const;
    /// The request in an Engine.IO message, where it is one of the usual and well-formed ones.
    /// Else the message is for `receive`.
    std::optional<QuickRequest> quickRequest(bool binary, std::string_view message) const;
    /// One Engine.IO message. False when it is malformed: the owner closes the connection.
    [[nodiscard]] bool receive(bool binary, std::string_view message) {
        return socket_.receive(binary, message);
    }

    /// Whether it is in the default namespace, and so may be sent events.
    bool connected() const { return socket_.in("/"); }
    /// Whether an answer can be of use to it: it is connected, or waits for its session.
    bool takesAnswers() const { return connected() || presence_.resuming; }
    /// Lets it into the default namespace; `pid` is empty where it has no session.
    void accept(std::string_view sid, std::string_view pid);
    /// Refuses its CONNECT: CONNECT_ERROR with the error's text, and its code as `data.code`.
    void refuse(const Error& error);
    /// Puts it out of the default namespace for good: a stock client does not come back by itself.
    void dismiss() { socket_.disconnect("/"); }
    /// Sends a frame; while the client catches up, the frame waits until it has.
    void send(const engineio::FramePtr& frame);

    /// Counts a call that the writer has to answer. Until all of them have ended, a CONNECT waits:
    /// their answers are not for the client as it comes back.
    void callBegun() { ++callsUnderWay_; }
    void callEnded();
    /// Whether no call is under way.
    bool settled() const { return callsUnderWay_ == 0; }

    Presence& presence() { return presence_; }
    const Presence& presence() const { return presence_; }
    /// Begins anew as a client that has not connected. REQUIRES: it is in no room any more.
    void forgetPresence() { presence_ = Presence(connection()); }

private:
    void onConnect(std::string_view nsp, Json auth) override;
    void onEvent(socketio::Packet packet) override;
    void onAck(socketio::Packet) override {}  // no event of ours asks for one
    void onDisconnect(std::string_view nsp) override;
    void send(std::string_view packet) override;

    ClientHost& host_;
    socketio::Connection socket_;
    Presence presence_;
    std::uint32_t callsUnderWay_ = 0;
    ClientHandshake handshake_;
    std::unique_ptr<ClientLimits> limits_;
};

}  // namespace parley
