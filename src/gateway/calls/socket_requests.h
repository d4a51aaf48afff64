#pragma once

#include "gateway/calls/calls.h"
#include "gateway/clients/rooms.h"
#include "gateway/clients/token_life.h"
#include "gateway/gateway_state.h"
#include "gateway/history/socket_history.h"

#include <parley/core/json.h>
#include <parley/gateway/calls/quick_request.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/socketio/packet.h>

namespace parley {

/// What a loop's clients ask for over their sockets, on its way to where it is answered: the
/// writer, history, or a refusal. The loop's thread only.
class SocketRequests {
public:
    /// The references outlive this.
    SocketRequests(GatewayState& shared, Calls& calls, SocketHistory& history, Rooms& rooms,
                   TokenLife& tokens)
        : shared_(shared), calls_(calls), history_(history), rooms_(rooms), tokens_(tokens) {}

    /// Any event of a client's, requests and others.
    void handle(Client& client, const socketio::Packet& packet);
    void handle(Client& client, QuickRequest quick);

private:
    bool refuseWhileStopping(Client& client, const SocketCall& call) const;
    void dispatch(Client& client, const SocketCall& call, const Json& body);
    template <typename Parsed>
    void submit(Client& client, const SocketCall& call, Result<Parsed> parsed);
    void answer(Client& client, const SocketCall& call, Result<HistoryRequest> asked);
    void answer(Client& client, const SocketCall& call, WatchDashboard asked);
    void answer(Client& client, const SocketCall& call, const Result<Authenticate>& asked);

    GatewayState& shared_;
    Calls& calls_;
    SocketHistory& history_;
    Rooms& rooms_;
    TokenLife& tokens_;
};

}  // namespace parley
