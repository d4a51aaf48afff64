#pragma once

#include "gateway/calls/calls.h"
#include "gateway/clients/clients.h"
#include "gateway/gateway_state.h"
#include "gateway/history/client_reads.h"
#include "gateway/history/history.h"

#include <parley/engineio/frame.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/net/server.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>

namespace parley {

/// Answers get_messages for the clients of a loop: from the tails in memory where they reach, else
/// by the reader pool, and no faster than a client takes the answers. The loop's thread only, but
/// for the read jobs.
class SocketHistory {
public:
    /// The references outlive this, and this lives as long as the loop runs.
    SocketHistory(GatewayState& shared, net::Loop& loop, Clients& clients, Calls& calls)
        : shared_(shared), loop_(loop), clients_(clients), calls_(calls) {}

    /// Answers now or later, once what the client asked before has been answered; in the order of
    /// the requests where no ack was asked. A request with an error is refused in its turn.
    void get(Client& client, const SocketCall& call, Result<HistoryRequest> request);

    /// Broadcasts up to here have reached the loop's rooms.
    void noteDelivered(Position position) { delivered_ = std::max(delivered_, position); }

private:
    /// A read on its way back from its reader.
    struct Answered {
        ClientRead read;
        engineio::FramePtr frame;         ///< the answer as it was read; null: none is due
        std::optional<HistoryPage> page;  ///< what it is made of, unless it is a refusal
        std::optional<ErrorCode> refusal{};

        std::size_t bytes() const {
            return (frame ? frame->webSocket().size() : 0) + (page ? page->bytes() : 0);
        }
    };

    void getSettled(Client& client, const SocketCall& call, Result<HistoryRequest> request);
    void refuse(Client& client, const SocketCall& call, const Error& error) const;
    bool takesMore(const Client& client) const;
    bool mayWait(const Client& client, const SocketCall& call) const;
    bool answerFromMemory(Client& client, const SocketCall& call, const HistoryRequest& request,
                          const HistoryTails::ViewerOf& viewerOf);
    void beginReads(Client& client);
    void pause(Client& client);
    void begin(Client& client, const ClientRead& read);
    bool submit(std::uint64_t number, const ClientRead& read);
    void post(std::uint64_t number, Answered answered);
    void onRead(std::uint64_t number, const std::shared_ptr<Answered>& answered);
    bool bringUpToDate(const Client& client, Answered& answered) const;
    void readAgain(Client& client, ClientRead read);
    void end(Client& client, const ClientRead& read);
    Client* find(ConnectionId connection, std::uint64_t number) const;

    GatewayState& shared_;
    net::Loop& loop_;
    Clients& clients_;
    Calls& calls_;
    std::uint64_t nextNumber_ = 1;
    Position delivered_;
};

}  // namespace parley
