#include "gateway/clients/token_life.h"

#include "gateway/calls/answer.h"
#include "gateway/clients/authentication.h"

#include <parley/core/json_writer.h>
#include <parley/core/logging.h>
#include <parley/core/precise_time.h>
#include <parley/domain/authorize.h>

#include <algorithm>
#include <string>
#include <utility>

namespace parley {
namespace {

// The wall clock may jump: it is looked at this often, and a token ends so much too late at most.
constexpr std::chrono::milliseconds kLookEvery{1000};
// Of clients that are asked about after a reload, in one turn: under a millisecond of work.
constexpr std::size_t kChecksATurn = 1000;
// What a refusal names that no request has caused: the event in which the client gave its token.
constexpr std::string_view kConnect = "connect";

std::string renewedBody(UnixMillis expires) {
    std::string out;
    JsonWriter(out).beginObject().field("success", true).field("expiresAt", expires).endObject();
    return out;
}

engineio::FramePtr announcement(UnixMillis expires) {
    std::string body;
    JsonWriter(body).beginObject().field("expiresAt", expires).endObject();
    return eventFrame("token_expiring", body);
}

Error errorOf(auth::TokenFault fault) {
    if (fault != auth::TokenFault::expired) return unauthenticated();
    return {ErrorCode::token_expired, "the token has ended; connect again with a new one"};
}

}  // namespace

TokenLife::TokenLife(GatewayState& shared, net::Loop& loop, Clients& clients)
    : shared_(shared),
      loop_(loop),
      clients_(clients),
      deadlines_(shared.options.auth.expiryWarning) {}

void TokenLife::begin(const Client& client) {
    const auto& principal = client.presence().principal;
    if (!principal) return;
    deadlines_.add(client.connection(), principal->expires);
    arm();
}

void TokenLife::end(const Client& client) {
    const auto& principal = client.presence().principal;
    if (principal) deadlines_.remove(client.connection(), principal->expires);
}

// Takes effect at once: the requests that follow carry the new principal.
void TokenLife::renew(Client& client, const SocketCall& call, std::string_view token) {
    const auto address = client.limits() ? client.limits()->address : ClientAddress{};
    auto renewed = TokenCheck(shared_, address, loop_.turnTime()).verifyAlways(token);
    auto& meter = shared_.meterOf(loop_.index());
    if (!renewed) {
        meter.refused(call, renewed.error().code, preciseTime());
        return client.send(refusalFrame(call, renewed.error()));
    }
    auto& principal = client.presence().principal;
    if (!continues(**renewed, *principal)) {
        meter.refused(call, ErrorCode::forbidden, preciseTime());
        return close(client, refusalFrame(call, forbidden()));
    }
    meter.done(call, preciseTime());
    end(client);
    principal = std::move(*renewed);
    begin(client);
    client.send(answerFrame(call, renewedBody(principal->expires)));
}

// One timer serves all clients. It runs only while one of them has a token.
void TokenLife::arm() {
    if (timerRuns_ || deadlines_.empty()) return;
    timerRuns_ = true;
    const std::chrono::milliseconds wait(deadlines_.next().value - shared_.clock.now().value);
    loop_.after(std::clamp(wait, std::chrono::milliseconds(0), kLookEvery),
                [this] { lookAtDue(); });
}

void TokenLife::lookAtDue() {
    timerRuns_ = false;
    const auto now = shared_.clock.now();
    while (const auto due = deadlines_.takeDue(now)) {
        if (!due->ends) {
            announce(*due);
        } else if (const Client* client = clients_.find(due->connection)) {
            closeFor(*client, auth::TokenFault::expired);
        }
    }
    arm();
}

void TokenLife::announce(const TokenDeadlines::Due& due) {
    if (Client* client = clients_.find(due.connection)) client->send(announcement(due.expires));
}

void TokenLife::checkAll() {
    unchecked_ = clients_.connections();
    check_ = {.connections = unchecked_.size()};
    checkSome();
}

void TokenLife::checkSome() {
    for (std::size_t i = 0; i < kChecksATurn && !unchecked_.empty(); ++i) {
        const Client* client = clients_.find(unchecked_.back());
        unchecked_.pop_back();
        if (!client || !client->presence().principal) continue;
        const auto fault = shared_.authenticator->faultOf(*client->presence().principal);
        if (!fault) continue;
        ++check_.closed;
        closeFor(*client, *fault);
    }
    if (unchecked_.empty()) return checked();
    loop_.post([this] { checkSome(); });
}

void TokenLife::checked() {
    unchecked_.shrink_to_fit();
    logger().info("tokens_checked loop={} connections={} closed={}", loop_.index().value,
                  check_.connections, check_.closed);
}

void TokenLife::closeFor(const Client& client, auth::TokenFault fault) {
    shared_.tokensEnded[static_cast<std::size_t>(fault)].fetch_add(1, std::memory_order_relaxed);
    close(client, refusalFrame(std::nullopt, kConnect, errorOf(fault)));
}

// The transport closes, not the namespace: a stock client then comes back by itself, and asks for
// a token again. What it was to be sent while it catches up, it misses and gets when it is back.
void TokenLife::close(const Client& client, const engineio::FramePtr& last) {
    const auto connection = client.connection();
    if (client.connected()) loop_.sessions().send(connection, last);
    loop_.sessions().close(connection, engineio::CloseReason::comeBack);
}

}  // namespace parley
