#include "gateway/clients/admission.h"

#include "gateway/clients/authentication.h"
#include "gateway/clients/handshake.h"
#include "gateway/clients/pid.h"
#include "gateway/history/client_reads.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <memory>
#include <utility>
#include <variant>

namespace parley {
namespace {

constexpr std::size_t kSocketIdCharacters = 20;  // as many as the reference server's

}  // namespace

void Admission::connect(Client& client, const Json& auth) {
    if (shared_.authenticator) {
        auto principal = identify(client, auth);
        if (!principal) return client.refuse(principal.error());
        client.presence().principal = std::move(*principal);
    }
    if (!takesCursors(shared_.options.recoveryFor, client.handshake().recoveryWish, auth)) {
        letIn(client, {});
    } else if (const auto ticket = ticketIn(auth)) {
        resumeSession(client, ticket->pid, ticket->cursor);
    } else {
        openSession(client);
    }
}

// REQUIRES: auth.mode=jwt.
Result<PrincipalPtr> Admission::identify(Client& client, const Json& auth) {
    ClientLimits* limits = client.limits();
    const auto address = limits ? limits->address : ClientAddress{};
    const auto now = loop_.turnTime();
    if (limits && std::exchange(limits->hasConnected, true)) {
        PARLEY_TRY(shared_.limits->admitConnect(address, now));
    }
    PARLEY_TRY_ASSIGN(auto principal, principalOf(TokenCheck(shared_, address, now), auth,
                                                  client.handshake().token));
    if (limits) PARLEY_TRY(shared_.limits->seat(limits->seat, *principal));
    return principal;
}

// `pid` is empty where the client has no session.
void Admission::letIn(Client& client, std::string_view pid) {
    client.accept(randomText(random_, kSocketIdCharacters), pid);
    tokens_.begin(client);
}

void Admission::openSession(Client& client) {
    const auto pid = newPid(random_);
    calls_.tell(client, OpenSession{hashOfPid(sha_, pid)});
    client.presence().subscriber.takeCursors();
    letIn(client, pid);
}

void Admission::resumeSession(Client& client, const std::string& pid,
                              std::optional<Cursor> cursor) {
    auto& resuming = client.presence().resuming;
    resuming = std::make_unique<ResumeAttempt>(ResumeAttempt{pid, newPid(random_)});
    calls_.submit(client,
                  ResumeSession{hashOfPid(sha_, pid), cursor, hashOfPid(sha_, resuming->fresh)},
                  [this](Client& known, const Result<Reply>& reply) { onResumed(known, reply); });
}

// In the order of the log: every delivery before this is part of the gap, every one after it live.
// A client for which nothing can be decided now is closed: refused, it would lose its session;
// closed, it comes back by itself and asks again.
void Admission::onResumed(Client& client, const Result<Reply>& reply) {
    const auto attempt = std::move(client.presence().resuming);
    if (!reply) {
        const auto code = reply.error().code;
        if (code != ErrorCode::busy && code != ErrorCode::shutting_down) {
            logger().warn("session_not_resumed code={}", reply.error().name());
        }
        return loop_.sessions().close(client.connection(), engineio::CloseReason::comeBack);
    }
    const auto& gap = std::get<ResumeReply>(*reply).gap;
    client.presence().subscriber.takeCursors();
    letIn(client, gap ? attempt->pid : attempt->fresh);
    if (gap) catchUps_.begin(client, *gap);
}

void Admission::leave(Client& client, bool sessionEnds) {
    shared_.engine->forgetReads(ReadOwner::of(client.connection()));
    rooms_.leaveAll(client.presence().subscriber);
    tokens_.end(client);
    client.forgetPresence();
    if (auto* limits = client.limits()) limits->seat.leave();
    calls_.tell(client, ConnectionClosed{sessionEnds});
}

}  // namespace parley
