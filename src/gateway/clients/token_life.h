#pragma once

#include "gateway/calls/reply_address.h"
#include "gateway/clients/clients.h"
#include "gateway/clients/token_deadlines.h"
#include "gateway/gateway_state.h"

#include <parley/auth/token_fault.h>
#include <parley/net/server.h>

#include <string_view>
#include <vector>

namespace parley {

/// The tokens of a loop's clients once these are let in: announces their end, lets clients renew
/// them, and closes connections whose token does not count any more. With auth.mode=none it does
/// nothing. The loop's thread only.
class TokenLife {
public:
    /// The references outlive this, and this lives as long as the loop runs.
    TokenLife(GatewayState& shared, net::Loop& loop, Clients& clients);

    /// The client was let in with its principal, whose end counts from now on.
    void begin(const Client& client);
    /// The client leaves, and still has its principal.
    void end(const Client& client);
    /// Answers `authenticate`. From a token of the same person on, the client is its principal. A
    /// bad token is refused; one of somebody else is refused, and the connection closed.
    void renew(Client& client, const SocketCall& call, std::string_view token);
    /// Keys or revocations were read again: asks soon, a part of them in a turn of the loop, for
    /// each client whether its token still counts. Logs how many were closed.
    void checkAll();

private:
    void arm();
    void lookAtDue();
    void announce(const TokenDeadlines::Due& due);
    void checkSome();
    void checked();
    void closeFor(const Client& client, auth::TokenFault fault);
    void close(const Client& client, const engineio::FramePtr& last);

    GatewayState& shared_;
    net::Loop& loop_;
    Clients& clients_;
    TokenDeadlines deadlines_;
    bool timerRuns_ = false;
    std::vector<ConnectionId> unchecked_;
    struct Check {
        std::size_t connections = 0;
        std::size_t closed = 0;
    } check_{};  // of the last reload
};

}  // namespace parley
