#include "gateway/clients/clients.h"

#include <utility>

namespace parley {

Clients::Clients(net::Loop& loop, std::chrono::milliseconds connectTimeout, ClientEvents& events)
    : loop_(loop), events_(events), connectTimeout_(loop, connectTimeout, [this](ConnectionId one) {
          const Client* client = find(one);
          return client && !client->connected();
      }) {}

void Clients::open(ConnectionId connection, ClientHandshake handshake,
                   std::unique_ptr<ClientLimits> limits) {
    if (!host_) host_.reset(new ClientHost{events_, loop_.sessions()});
    clients_.emplace(connection, std::make_unique<Client>(*host_, connection, std::move(handshake),
                                                          std::move(limits)));
    connectTimeout_.onOpen(connection, clients_.size());
}

Client* Clients::find(ConnectionId connection) const {
    const auto known = clients_.find(connection);
    return known == clients_.end() ? nullptr : known->second.get();
}

std::vector<ConnectionId> Clients::connections() const {
    std::vector<ConnectionId> all;
    all.reserve(clients_.size());
    for (const auto& [connection, client] : clients_) all.push_back(connection);
    return all;
}

}  // namespace parley
