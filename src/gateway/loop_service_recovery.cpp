#include "gateway/loop_service.h"

#include <parley/core/limits.h>
#include <parley/core/logging.h>

namespace parley {
namespace {

// What a stock client says when it comes back: {"pid":"...","offset":"42:pV-0aK3x"}, without an
// offset when it received nothing.
struct Ticket {
    std::string pid;
    std::optional<Cursor> cursor;
};

// Nothing where it says something else.
std::optional<Ticket> ticketIn(const Json& auth) {
    if (!auth.is_object()) return std::nullopt;
    const auto pid = auth.find("pid");
    if (pid == auth.end() || !pid->is_string()) return std::nullopt;
    Ticket ticket{pid->get<std::string>(), std::nullopt};
    if (!isPid(ticket.pid)) return std::nullopt;
    const auto offset = auth.find("offset");
    if (offset == auth.end() || offset->is_null()) return ticket;
    if (!offset->is_string()) return std::nullopt;
    ticket.cursor = parseCursor(offset->get_ref<const std::string&>());
    if (!ticket.cursor) return std::nullopt;
    // A bare position is of a session before this one: of which history it is, nobody knows.
    if (!ticket.cursor->fingerprint && knowsFingerprints(ticket.pid)) return std::nullopt;
    return ticket;
}

}  // namespace

Receiver LoopService::receiverOf(const Client& client) const {
    return {client.session(), client.cursors, client.catchUp != nullptr};
}

void LoopService::onConnect(Client& client, const Json& auth) {
    if (client.pending > 0) {
        client.comesAgain = std::make_unique<Json>(auth);
        return;
    }
    if (!takesCursors(shared_.options.recoveryFor, client.recoveryWish, auth)) {
        client.accept(newSocketId(), {});
        return;
    }
    if (const auto ticket = ticketIn(auth)) {
        resumeSession(client, ticket->pid, ticket->cursor);
    } else {
        openSession(client);
    }
}

void LoopService::openSession(Client& client) {
    const auto pid = newPid(random_);
    gathered_.push_back({{client.session()}, OpenSession{hashOfPid(sha_, pid)}});
    client.cursors = true;
    client.accept(newSocketId(), pid);
}

void LoopService::resumeSession(Client& client, const std::string& pid,
                                std::optional<Cursor> cursor) {
    client.asked = std::make_unique<Client::Asked>(Client::Asked{pid, newPid(random_)});
    const ResumeSession request{hashOfPid(sha_, pid), cursor, hashOfPid(sha_, client.asked->fresh)};
    submitStep(client, request,
               [this](Client& known, const Result<Reply>& reply) { onResumed(known, reply); });
}

// In the order of the log: every delivery before this is part of the gap, every one after it live.
// Where the session can be had neither now nor anew, the client is closed: refused, it would lose
// the session; closed, it comes back by itself and asks again.
void LoopService::onResumed(Client& client, const Result<Reply>& reply) {
    const auto asked = std::move(client.asked);
    if (!asked) return;  // it has left meanwhile
    if (!reply) {
        const auto code = reply.error().code;
        if (code != ErrorCode::busy && code != ErrorCode::shutting_down) {
            logger().warn("session_not_resumed code={}", reply.error().name());
        }
        loop_.sessions().close(client.session());
        return;
    }
    client.cursors = true;
    const auto& gap = std::get<Resumed>(*reply).gap;
    client.accept(newSocketId(), gap ? asked->pid : asked->fresh);
    if (gap) subscribe(client, *gap);
}

void LoopService::subscribe(Client& client, const Gap& gap) {
    client.catchUp = std::make_unique<CatchUp>(nextCatchUp_++, gap);
    if (client.catchUp->reader->done()) client.catchUp.reset();
    const Receiver receiver = receiverOf(client);
    for (const auto& room : gap.rooms) {
        if (room.until) continue;
        client.rooms.push_back({room.conversation, room.viewer});
        rooms_.join(receiver, room.conversation, room.viewer);
    }
    if (gap.dashboardAfter) {
        client.dashboard = true;
        rooms_.joinDashboard(receiver);
    }
    if (client.catchUp) advance(client.session(), client.catchUp->number);
}

// A client that falls too far behind while it catches up starts over from where it got. Typing
// waits too: what it ends was told as typing before.
void LoopService::hold(Client& client, const engineio::FramePtr& frame) {
    CatchUp& catchUp = *client.catchUp;
    if (!frame) return;
    catchUp.held.push_back(frame);
    catchUp.heldBytes += frame->payload().size();
    if (catchUp.held.size() > limits::kReplayHeldFramesMax ||
        catchUp.heldBytes > limits::kReplayHeldBytesMax) {
        logger().warn("catch_up_given_up held_frames={} held_bytes={}", catchUp.held.size(),
                      catchUp.heldBytes);
        loop_.sessions().close(client.session(), engineio::CloseReason::slowClient);
    }
}

Client* LoopService::findCatchingUp(ConnectionId session, std::uint64_t number) {
    Client* client = find(session);
    return client && client->catchUp && client->catchUp->number == number ? client : nullptr;
}

// One step of a client's way: sends what is ready, else reads on, else lets what was held follow,
// else it is live. Each step is caused by the one before, so there is one at a time.
void LoopService::advance(ConnectionId session, std::uint64_t number) {
    Client* client = findCatchingUp(session, number);
    if (!client) return;
    CatchUp& catchUp = *client->catchUp;
    if (!sendSome(session, catchUp.ready)) return advanceLater(session, number);
    if (!catchUp.reader->done()) return readMissed(session, catchUp);
    if (!sendSome(session, catchUp.held)) return advanceLater(session, number);
    goLive(*client);
}

void LoopService::advanceLater(ConnectionId session, std::uint64_t number) {
    loop_.after(kPause, [this, session, number] { advance(session, number); });
}

// Whether all were sent; not when the client has enough to read.
bool LoopService::sendSome(ConnectionId session, std::deque<engineio::FramePtr>& frames) {
    auto& sessions = loop_.sessions();
    while (!frames.empty()) {
        if (sessions.backlogBytes(session) > limits::kReplayBacklogBytesMax) return false;
        sessions.send(session, frames.front());
        frames.pop_front();
    }
    return true;
}

void LoopService::readMissed(ConnectionId session, CatchUp& catchUp) {
    const auto number = catchUp.number;
    auto job = [this, session, number, reader = catchUp.reader](ReadContext& context) {
        auto frames = reader->next(context);
        loop_.post([this, session, number, frames = std::move(frames)]() mutable {
            Client* client = findCatchingUp(session, number);
            if (!client) return;
            if (!frames) {
                loop_.sessions().close(session);
                return;
            }
            for (auto& frame : *frames) client->catchUp->ready.push_back(std::move(frame));
            advance(session, number);
        });
    };
    auto failed = [this, session, number](const Error&) {
        loop_.post([this, session, number] {
            if (findCatchingUp(session, number)) loop_.sessions().close(session);
        });
    };
    const bool taken =
        shared_.engine->read(std::move(job), session.value, std::move(failed), ReadSize::slice);
    if (!taken) advanceLater(session, number);
}

void LoopService::goLive(Client& client) {
    client.catchUp.reset();
    const Receiver receiver = receiverOf(client);
    for (const auto& room : client.rooms) rooms_.join(receiver, room.conversation, room.viewer);
    if (client.dashboard) rooms_.joinDashboard(receiver);
}

}  // namespace parley
