#include "gateway/log/log_tails.h"

#include "gateway/calls/answer.h"
#include "gateway/history/json_page.h"
#include "gateway/history/read_access.h"
#include "gateway/log/log_query.h"

#include <parley/core/json_writer.h>
#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/domain/authorize.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley {
namespace {

std::string followingBody(Position position) {
    std::string out;
    JsonWriter(out)
        .beginObject()
        .field("success", true)
        .field("position", position.value)
        .endObject();
    return out;
}

engineio::FramePtr eventsFrame(std::string_view events, Position upTo, bool skipped) {
    std::string body;
    JsonWriter json(body);
    json.beginObject().rawField("events", events).field("upTo", upTo.value);
    if (skipped) json.field("skippedTo", upTo.value);
    json.endObject();
    return eventFrame("log_events", body);
}

}  // namespace

LogTails::~LogTails() {
    shared_.logTails.fetch_sub(static_cast<std::int64_t>(tails_.size()), std::memory_order_relaxed);
}

Result<void> LogTails::mayFollow(const Client& client) const {
    const auto& handshake = client.handshake();
    if (!handshake.ownPage) {
        return Error{ErrorCode::origin_refused,
                     "only the server's own pages may follow the log, whatever cors.origins says"};
    }
    if (const auto& principal = client.presence().principal) {
        const auto permission = authorize(*principal, ServerAction::readLog);
        return permission == Permission::allowed ? Result<void>() : forbidden();
    }
    if (handshake.thisMachine) return {};
    return Error{ErrorCode::forbidden,
                 "with auth.mode=none only clients on the server's machine may follow the log"};
}

Result<void> LogTails::begin(Client& client, FollowLog asked) {
    const auto connection = client.connection();
    if (!tails_.contains(connection) &&
        shared_.logTails.fetch_add(1, std::memory_order_relaxed) >= kTailsMax) {
        shared_.logTails.fetch_sub(1, std::memory_order_relaxed);
        return Error{ErrorCode::limit_reached, "too many clients follow the log"};
    }
    const Position head = shared_.engine->head();
    const Position from = std::min(asked.after.value_or(head), head);
    tails_.insert_or_assign(connection, Tail{.number = nextNumber_++,
                                             .query = std::move(asked.query),
                                             .reached = from,
                                             .told = from});
    tickLater();
    return {};
}

void LogTails::follow(Client& client, const SocketCall& call, Result<FollowLog> asked) {
    const auto name = wireRequestName(call.request);
    auto may = mayFollow(client);
    if (may && !asked) may = asked.error();
    if (!may) return calls_.refuseInOrder(client, call.ackId, name, may.error());
    calls_.submit(
        client, Barrier{},
        [this, call, asked = std::move(*asked)](Client& known, const Result<Reply>& reply) {
            auto begun = reply ? begin(known, asked) : Result<void>(reply.error());
            calls_.note(call, begun ? std::nullopt : std::optional(begun.error().code));
            if (!begun) return known.send(refusalFrame(call, begun.error()));
            const auto reached = tails_.at(known.connection()).reached;
            known.send(answerFrame(call, followingBody(reached)));
        });
}

void LogTails::unfollow(Client& client, const SocketCall& call) {
    calls_.submit(client, Barrier{}, [this, call](Client& known, const Result<Reply>& reply) {
        calls_.note(call, reply ? std::nullopt : std::optional(reply.error().code));
        if (!reply) return known.send(refusalFrame(call, reply.error()));
        end(known.connection());
        known.send(answerFrame(call, R"({"success":true})"));
    });
}

void LogTails::end(ConnectionId connection) {
    if (tails_.erase(connection) > 0) shared_.logTails.fetch_sub(1, std::memory_order_relaxed);
}

void LogTails::tickLater() {
    if (std::exchange(ticking_, true)) return;
    loop_.after(kBetween, [this] { tick(); });
}

// What is sent may end a connection, and with it its tail.
void LogTails::tick() {
    ticking_ = false;
    std::vector<ConnectionId> connections;
    for (const auto& [connection, tail] : tails_) connections.push_back(connection);
    for (const auto connection : connections) {
        const auto found = tails_.find(connection);
        if (found != tails_.end() && !advance(connection, found->second)) end(connection);
    }
    if (!tails_.empty()) tickLater();
}

// False: nobody follows any more, or may: a new token may allow less. A client that has enough to
// read is left alone.
bool LogTails::advance(ConnectionId connection, Tail& tail) {
    Client* client = clients_.find(connection);
    if (!client || !client->connected() || !mayFollow(*client)) return false;
    const Position head = shared_.engine->head();
    if (tail.reading || head <= tail.reached) return true;
    if (loop_.sessions().backlogBytes(connection) > limits::kReadBacklogBytesMax) return true;
    if (head.value - tail.reached.value > kBehindMax) {
        skip(*client, tail, head);
    } else {
        read(connection, tail);
    }
    return true;
}

void LogTails::skip(Client& client, Tail& tail, Position to) {
    tail.reached = tail.told = to;
    client.send(eventsFrame("[]", to, /*skipped=*/true));
}

Result<LogTails::News> LogTails::newsOf(ReadContext& context, const LogQuery& query,
                                        Position after) {
    const ReadSnapshot snapshot(*context.db);
    PARLEY_TRY(Result<void>(snapshot.begun()));
    PARLEY_TRY_ASSIGN(const auto pages, pagesOf(context));
    PARLEY_TRY_ASSIGN(const Position head, pages->head());
    PARLEY_TRY_ASSIGN(auto filter, filterOf(context, query));
    if (!filter) return News{"[]", 0, std::max(head, after)};
    JsonPage events;
    PARLEY_TRY_ASSIGN(const auto next, pages->read({std::move(*filter), after, true, kEventsMax},
                                                   [&](const StoredEvent& stored) {
                                                       return events.add(eventJson(stored));
                                                   }));
    return News{events.array(), events.size(), next.value_or(std::max(head, after))};
}

// A read that fails, or for which there is no room, is tried again with the next tick.
void LogTails::read(ConnectionId connection, Tail& tail) {
    const auto number = tail.number;
    auto job = [this, connection, number, query = tail.query,
                after = tail.reached](ReadContext& context) {
        auto news = newsOf(context, query, after);
        const std::size_t bytes = news ? news->events.size() : 0;
        loop_.post([this, connection, number,
                    news = std::move(news)] { onRead(connection, number, news); },
                   bytes);
    };
    auto failed = [this, connection, number](const Error& error) {
        loop_.post([this, connection, number, error] { onRead(connection, number, error); });
    };
    tail.reading = shared_.engine->read(std::move(job), ReadOwner::of(connection),
                                        std::move(failed), ReadSize::slice);
}

void LogTails::onRead(ConnectionId connection, std::uint64_t number, const Result<News>& news) {
    const auto found = tails_.find(connection);
    if (found == tails_.end() || found->second.number != number) return;
    Tail& tail = found->second;
    tail.reading = false;
    Client* client = clients_.find(connection);
    if (!news || !client || !client->connected()) return;
    tail.reached = news->upTo;
    // Where a filter finds nothing, too, the client learns now and then how far it has come.
    if (news->count == 0 && tail.reached.value - tail.told.value < kToldEvery) return;
    tail.told = tail.reached;
    client->send(eventsFrame(news->events, news->upTo, /*skipped=*/false));
}

}  // namespace parley
