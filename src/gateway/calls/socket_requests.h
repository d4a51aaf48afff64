#pragma once

#include "gateway/calls/calls.h"
#include "gateway/clients/rooms.h"
#include "gateway/clients/token_life.h"
#include "gateway/gateway_state.h"
#include "gateway/history/socket_history.h"
#include "gateway/log/log_tails.h"

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
    SocketRequests(GatewayState& shared, net::Loop& loop, Calls& calls, SocketHistory& history,
                   Rooms& rooms, TokenLife& tokens, LogTails& logTails)
        : shared_(shared),
          loop_(loop),
          calls_(calls),
          history_(history),
          rooms_(rooms),
          tokens_(tokens),
          logTails_(logTails) {}

    /// Refuses a request that begins as usual and is of a kind of which the connection has asked
    /// too much already, without a look at its body. Else nothing happens: the message is to be
    /// read and handled. The client may be gone afterwards.
    bool refusesUnread(Client& client, bool binary, std::string_view message);

    // The client may be gone after each of the two.

    /// Any event of a client's, requests and others.
    void handle(Client& client, const socketio::Packet& packet);
    void handle(Client& client, QuickRequest quick);

private:
    /// An event of a client's, and how it counts.
    struct Counted {
        std::string_view name;
        std::optional<std::uint64_t> ackId;
        std::optional<WireRequest> request{};  ///< nothing: it is none
        RateClass kind = RateClass::messages;
        bool isAck = false;
        bool isCommand = false;  ///< may name the user that a service acts as
    };
    static Counted countedAs(WireRequest request, std::optional<std::uint64_t> ackId) {
        return {.name = info(request).name,
                .ackId = ackId,
                .request = request,
                .kind = rateClassOf(request),
                .isCommand = info(request).isCommand};
    }
    bool admits(Client& client, const Counted& event);
    bool admitsAs(Client& client, const SocketCall& call, const Command& command);
    void refuse(Client& client, const Counted& event, const Error& error);
    bool isAdmitted(Client& client, const Counted& event, const Result<void>& verdict);
    void closeInOrder(Client& client);

    void send(Client& client, const SocketCall& call, const Error& error) const;
    bool refuseWhileStopping(Client& client, const SocketCall& call) const;
    void dispatch(Client& client, const SocketCall& call, const Json& body);
    template <typename Parsed>
    void submit(Client& client, const SocketCall& call, Result<Parsed> parsed);
    void answer(Client& client, const SocketCall& call, Result<HistoryRequest> asked);
    void answer(Client& client, const SocketCall& call, Result<WatchDashboard> parsed);
    void answer(Client& client, const SocketCall& call, const Result<Authenticate>& asked);
    void answer(Client& client, const SocketCall& call, Result<FollowLog> asked) {
        logTails_.follow(client, call, std::move(asked));
    }
    void answer(Client& client, const SocketCall& call, UnfollowLog) {
        logTails_.unfollow(client, call);
    }

    GatewayState& shared_;
    net::Loop& loop_;
    Calls& calls_;
    SocketHistory& history_;
    Rooms& rooms_;
    TokenLife& tokens_;
    LogTails& logTails_;
};

}  // namespace parley
