#pragma once

#include "gateway/clients/handshake.h"

#include <parley/core/json.h>
#include <parley/domain/visibility.h>
#include <parley/engine/request.h>
#include <parley/engineio/server.h>
#include <parley/gateway/calls/wire_request.h>
#include <parley/socketio/connection.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

class LoopService;
struct CatchUp;
struct Reads;

/// One Engine.IO session's Socket.IO client and what this loop knows of it. The loop's thread.
class Client final : public socketio::Handler {
public:
    Client(LoopService& service, ConnectionId session, const socketio::Options& options);
    ~Client() override;

    ConnectionId session() const { return session_; }
    [[nodiscard]] bool receive(bool binary, std::string_view message);
    /// Whether it may be sent events: it is in the default namespace.
    bool connected() const { return connection_.in("/"); }

    /// Lets it into the default namespace; `pid` is empty where it has no session.
    void accept(std::string_view sid, std::string_view pid);
    /// Puts it out of the default namespace, for good: a stock client does not come back by itself.
    void dismiss() { connection_.disconnect("/"); }

    void onConnect(std::string_view nsp, Json auth) override;
    void onEvent(socketio::Packet packet) override;
    void onAck(socketio::Packet) override {}  // we ask for none
    void onDisconnect(std::string_view nsp) override;
    void send(std::string_view packet) override;
    void sendBinary(std::string_view message) override;

    /// A subscription as it stands after the batches seen so far.
    struct Room {
        ConversationKey conversation;
        Viewer viewer;
        bool operator==(const Room&) const = default;
    };
    std::vector<Room> rooms;
    bool dashboard = false;
    RecoveryWish recoveryWish;  ///< as the URL of its handshake says it
    bool cursors = false;       ///< was given a pid: what is in the log is sent with its cursor
    /// The pid it came with and the one it gets if that is of no use, while the writer looks.
    struct Asked {
        std::string pid;
        std::string fresh;
    };
    std::unique_ptr<Asked> asked;
    /// It left the default namespace and comes again, with this, before the writer has answered
    /// what it asked then: those answers are not for the one that comes.
    std::unique_ptr<Json> comesAgain;
    /// While it is being sent what it missed; what is live waits in there.
    std::unique_ptr<CatchUp> catchUp;
    /// Where it asked for more history than it was sent yet.
    std::unique_ptr<Reads> reads;
    /// Commands handed to the writer and not answered: reads wait for them.
    std::uint32_t pending = 0;

private:
    LoopService& service_;
    ConnectionId session_;
    socketio::Connection connection_;
};

}  // namespace parley
