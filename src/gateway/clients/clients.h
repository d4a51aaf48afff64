#pragma once

#include "gateway/clients/client.h"
#include "gateway/clients/connect_timeout.h"

#include <parley/net/server.h>

#include <chrono>
#include <memory>
#include <unordered_map>
#include <vector>

namespace parley {

/// The clients of a loop, from their handshake to their end. The loop's thread only.
class Clients {
public:
    /// A client that is in no namespace after `connectTimeout` is closed. The references outlive
    /// this, and this lives as long as the loop runs.
    Clients(net::Loop& loop, std::chrono::milliseconds connectTimeout, ClientEvents& events);

    /// `limits`: as Client's.
    void open(ConnectionId connection, ClientHandshake handshake,
              std::unique_ptr<ClientLimits> limits = nullptr);
    /// Null where it has gone.
    Client* find(ConnectionId connection) const;
    /// All of them, in no order.
    std::vector<ConnectionId> connections() const;
    void erase(ConnectionId connection) { clients_.erase(connection); }

private:
    net::Loop& loop_;
    ClientEvents& events_;
    std::unique_ptr<ClientHost> host_;  // from the first client on: then the loop has its sessions
    std::unordered_map<ConnectionId, std::unique_ptr<Client>> clients_;
    ConnectTimeout connectTimeout_;
};

}  // namespace parley
