#pragma once

#include "gateway/calls/command_intake.h"
#include "gateway/calls/loop_batch.h"
#include "gateway/calls/reply_address.h"
#include "gateway/clients/clients.h"
#include "gateway/gateway_state.h"

#include <parley/engine/request.h>
#include <parley/net/server.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parley {

/// A loop's requests on their way: gathered over a turn of the loop, handed to the writer together,
/// and their answers back to where they are due. The loop's thread only.
class Calls {
public:
    /// What follows once the writer has answered, or why it does not. Not called for a client that
    /// has left meanwhile.
    using Continuation = std::function<void(Client&, const Result<Reply>&)>;

    /// The references outlive this, and this lives as long as the loop runs.
    Calls(GatewayState& shared, net::Loop& loop, Clients& clients, CommandIntake& intake)
        : shared_(shared), loop_(loop), clients_(clients), intake_(intake) {}

    /// Submits what a client's request asks for. Its answer, or a refusal, is sent by itself.
    void submit(Client& client, const SocketCall& call, Command command);
    /// Submits `work`; `then` runs once it, and everything the client asked before, is durable and
    /// delivered, or once it is refused.
    void submit(Client& client, Work work, Continuation then);
    /// Tells the writer of a client's connection; nobody waits for an answer.
    void tell(const Client& client, Work work);
    /// Refuses a client's event, after the answers to what the client asked before. `eventName` is
    /// what the client called it.
    void refuseInOrder(Client& client, std::optional<std::uint64_t> ackId,
                       std::string_view eventName, const Error& error);

    /// Hands what was gathered to the writer; what it does not take is refused.
    void flush();
    /// Brings an answer of this loop's to the client, the REST request or the continuation that it
    /// is for.
    void answer(const Answer& answer);

    /// Counts an answer that is sent otherwise than by this: `refusal` says why it is one.
    void note(const SocketCall& call, std::optional<ErrorCode> refusal);

private:
    void gather(Client& client, ReplyAddress address, Work work);
    void turnAway(const Error& error);
    void notTaken(const Request& request, const Error& error);
    void resume(ConnectionId connection, std::uint64_t number, const Result<Reply>& reply);
    void end(ConnectionId connection);
    RequestMeter& meter() { return shared_.meterOf(loop_.index()); }

    GatewayState& shared_;
    net::Loop& loop_;
    Clients& clients_;
    CommandIntake& intake_;
    std::vector<Request> gathered_;
    std::unordered_map<std::uint64_t, Continuation> continuations_;
    std::uint64_t nextContinuation_ = 1;
};

}  // namespace parley
