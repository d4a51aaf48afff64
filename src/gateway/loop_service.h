#pragma once

#include "gateway/calls/calls.h"
#include "gateway/calls/loop_batch.h"
#include "gateway/calls/socket_requests.h"
#include "gateway/clients/admission.h"
#include "gateway/clients/clients.h"
#include "gateway/clients/rooms.h"
#include "gateway/clients/token_life.h"
#include "gateway/gateway_state.h"
#include "gateway/history/socket_history.h"
#include "gateway/limits/token_check.h"
#include "gateway/log/log_tails.h"
#include "gateway/recovery/catch_ups.h"
#include "gateway/rest/audit_record.h"
#include "gateway/rest/rest.h"

#include <parley/core/random.h>
#include <parley/net/server.h>

#include <chrono>
#include <vector>

namespace parley {

/// Wires together what Parley does on one I/O loop: what comes in goes to the object whose job it
/// is, and so does each step of a batch from the writer. Every method runs on the loop's thread.
class LoopService final : public net::Service, public BatchReceiver, private ClientEvents {
public:
    /// The references outlive this.
    LoopService(GatewayState& shared, net::Loop& loop);

    // net::Service
    std::optional<engineio::Refusal> mayOpen(const engineio::Credentials& credentials) override;
    void onOpen(ConnectionId connection, const engineio::Handshake& handshake) override;
    bool mayUse(ConnectionId connection, engineio::TransportKind by,
                const engineio::Credentials& credentials) override;
    void onMessage(ConnectionId connection, bool binary, std::string_view message) override;
    void onClose(ConnectionId connection, engineio::CloseReason reason) override;
    void onHttp(const net::HttpRequest& request) override { rest_.handle(request); }
    bool isForOwnPages(std::string_view path) const override { return Rest::isForOwnPages(path); }
    void onHttpAborted(std::uint64_t number) override;
    bool mayTakeLong(std::uint64_t number) const override;
    void onTurnEnd() override { calls_.flush(); }
    void onTurnWritten() override;
    std::uint64_t bytesHeld() const override;

    // BatchReceiver
    void receive(const LoopBatch& batch) override;

    /// Keys or revocations were read again: connections whose token does not count any more end.
    void checkTokens() { tokens_.checkAll(); }

private:
    TokenCheck tokenCheck(ClientAddress from) const {
        return TokenCheck(shared_, from, loop_.turnTime());
    }

    // ClientEvents
    void onConnect(Client& client, const Json& auth) override { admission_.connect(client, auth); }
    void onRequest(Client& client, socketio::Packet packet) override;
    void onLeave(Client& client) override {
        logTails_.end(client.connection());
        admission_.leave(client, /*sessionEnds=*/true);
    }

    void carryOut(const Delivery& delivery);
    void carryOut(const SubscriptionChange& change);
    void carryOut(const SubscriptionLost& lost);
    void carryOut(const TakenOver& takenOver);
    void carryOut(const Answer& answer);

    GatewayState& shared_;
    net::Loop& loop_;
    SystemRandom random_;
    Clients clients_;
    Rooms rooms_;
    CommandIntake intake_;
    Calls calls_;
    CatchUps catchUps_;
    SocketHistory history_;
    LogTails logTails_;
    TokenLife tokens_;
    SocketRequests requests_;
    Admission admission_;
    AuditRecords audits_;
    Rest rest_;
    std::vector<std::chrono::microseconds> unwritten_;  // commits whose broadcasts are not written
    std::vector<ConnectionId> held_;  // of the delivery in work; kept for its memory
};

}  // namespace parley
