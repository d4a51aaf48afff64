#pragma once

#include "gateway/calls/calls.h"
#include "gateway/clients/clients.h"
#include "gateway/gateway_state.h"

#include <parley/engineio/frame.h>
#include <parley/gateway/calls/request_parser.h>
#include <parley/net/server.h>

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace parley {

/// Sends the clients of a loop that follow the log what comes to be in it: each kBetween the events
/// since the last time, read by the reader pool. The writer knows nothing of it, and where nobody
/// follows nothing is done. A tail is not part of a session: a client that comes back follows anew
/// after the last position that it was told. The loop's thread only, but for the read jobs.
class LogTails {
public:
    /// The references outlive this, and this lives as long as the loop runs.
    LogTails(GatewayState& shared, net::Loop& loop, Clients& clients, Calls& calls)
        : shared_(shared), loop_(loop), clients_(clients), calls_(calls) {}
    ~LogTails();

    /// Answers join_log: from then on the client is sent `log_events`. One tail of a client: a
    /// later one replaces it.
    void follow(Client& client, const SocketCall& call, Result<FollowLog> asked);
    /// Answers leave_log.
    void unfollow(Client& client, const SocketCall& call);
    /// The client has gone, or has left the namespace.
    void end(ConnectionId connection);

    static constexpr std::chrono::milliseconds kBetween{100};
    static constexpr int kEventsMax = 500;  ///< of one `log_events`
    /// A tail that is further behind goes on at the log's end.
    static constexpr std::int64_t kBehindMax = 10'000;
    /// A filter that finds nothing tells so after so many events.
    static constexpr std::int64_t kToldEvery = 1000;
    static constexpr std::int64_t kTailsMax = 100;  ///< of all loops together

private:
    struct Tail {
        std::uint64_t number;  ///< tells this one from an earlier one of the same client
        LogQuery query;
        Position reached;  ///< everything up to here was looked at
        Position told;     ///< and the client knows it up to here
        bool reading = false;
    };
    /// What a read brings.
    struct News {
        std::string events;  ///< a JSON array
        std::size_t count = 0;
        Position upTo;
    };

    Result<void> mayFollow(const Client& client) const;
    Result<void> begin(Client& client, FollowLog asked);
    void tickLater();
    void tick();
    bool advance(ConnectionId connection, Tail& tail);
    void skip(Client& client, Tail& tail, Position to);
    void read(ConnectionId connection, Tail& tail);
    void onRead(ConnectionId connection, std::uint64_t number, const Result<News>& news);
    static Result<News> newsOf(ReadContext& context, const LogQuery& query, Position after);

    GatewayState& shared_;
    net::Loop& loop_;
    Clients& clients_;
    Calls& calls_;
    std::unordered_map<ConnectionId, Tail> tails_;
    std::uint64_t nextNumber_ = 1;
    bool ticking_ = false;
};

}  // namespace parley
