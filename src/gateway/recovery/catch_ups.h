#pragma once

#include "gateway/clients/clients.h"
#include "gateway/clients/rooms.h"
#include "gateway/gateway_state.h"

#include <parley/engine/request.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <cstdint>
#include <deque>

namespace parley {

/// Sends the clients of a loop what they missed, chunk by chunk and no faster than they take it,
/// until they are live. The loop's thread only.
class CatchUps {
public:
    /// The references outlive this, and this lives as long as the loop runs.
    CatchUps(GatewayState& shared, net::Loop& loop, Clients& clients, Rooms& rooms)
        : shared_(shared), loop_(loop), clients_(clients), rooms_(rooms) {}

    /// Gives a client that resumed its session its rooms back, and begins to send it what it
    /// missed. REQUIRES: it is connected and in no room, and broadcasts after the gap have not been
    /// delivered yet.
    void begin(Client& client, const Gap& gap);

private:
    void advance(ConnectionId connection, std::uint64_t number);
    void advanceLater(ConnectionId connection, std::uint64_t number);
    bool sendSome(ConnectionId connection, std::deque<engineio::FramePtr>& frames);
    void readNext(ConnectionId connection, const CatchUp& catchUp);
    void onRead(ConnectionId connection, std::uint64_t number,
                Result<std::vector<engineio::FramePtr>> frames);
    CatchUp* find(ConnectionId connection, std::uint64_t number) const;

    GatewayState& shared_;
    net::Loop& loop_;
    Clients& clients_;
    Rooms& rooms_;
    std::uint64_t nextNumber_ = 1;
};

}  // namespace parley
