#pragma once

#include "gateway/calls/request_meter.h"
#include "gateway/clients/malformed_packets.h"
#include "gateway/console/console_page.h"
#include "gateway/console/sql_desk.h"
#include "gateway/guarded.h"
#include "gateway/limits/limits.h"
#include "gateway/presence/typing_board.h"
#include "gateway/rest/recorded_questions.h"
#include "gateway/search/audit_readers.h"
#include "gateway/waiting_watch.h"

#include <parley/audit/follower.h>
#include <parley/auth/authenticator.h>
#include <parley/cluster/node.h>
#include <parley/core/clock.h>
#include <parley/engine/engine.h>
#include <parley/engine/log_verifier.h>
#include <parley/engineio/frame.h>
#include <parley/gateway/gateway.h>
#include <parley/gateway/history/history_tails.h>
#include <parley/net/server.h>
#include <parley/projection/active_conversations.h>
#include <parley/projection/minute_counts.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <vector>

namespace parley {

/// The console's files, as `console` says.
inline std::shared_ptr<const ConsolePage> consolePage(const GatewayOptions& options,
                                                      const ConsoleOptions& console) {
    const ConsoleFacts facts{
        .version = options.version, .auth = options.auth.mode, .claims = options.auth.claims};
    return std::make_shared<const ConsolePage>(console, facts, consoleFiles());
}

/// What all loops' services and the publisher share. `engine`, `follower` and `server` are
/// set before the loops start; after that, everything may be used on any thread.
struct GatewayState {
    const GatewayOptions& options;
    const Clock& clock;
    // A reload replaces these two.
    Guarded<std::shared_ptr<const ConsolePage>> console{consolePage(options, options.console)};
    Guarded<std::vector<SettingInForce>> settings{options.settings};
    std::atomic<bool> reloadFailed{false};  ///< the last one
    std::filesystem::path dataFolder{};
    Engine* engine = nullptr;
    RequestTaker* requests = nullptr;  ///< takes what is for the writer: the engine, or the node
    Node* node = nullptr;              ///< null: no cluster
    std::chrono::milliseconds readyLag{0};  ///< ClusterOptions's
    LogVerifier* verifier = nullptr;
    SqlDesk* sqlDesk = nullptr;
    net::Server* server = nullptr;
    AuditReaders* auditReaders = nullptr;          ///< null: audit.follow=false
    audit::Follower* follower = nullptr;           ///< null: audit.follow=false
    auth::Authenticator* authenticator = nullptr;  ///< null: auth.mode=none
    Limits* limits = nullptr;                      ///< likewise
    std::size_t outputBytesMax = std::numeric_limits<std::size_t>::max();  ///< net::Options's
    HistoryTails tails{};
    ActiveConversations active{};
    MinuteCounts minutes{};
    std::atomic<bool> draining{false};              ///< the server is not ready any more
    std::atomic<bool> refusing{false};              ///< the server takes no request any more
    std::atomic<std::int64_t> requestsInFlight{0};  ///< submitted and not answered
    std::atomic<std::int64_t> rooms{0};             ///< with members; one on two loops counts twice
    std::atomic<std::int64_t> subscriptions{0};     ///< of connections to rooms
    std::atomic<std::int64_t> presenceDashboards{0};  ///< that are told who is there and types
    TypingBoard typing{presenceDashboards};
    std::atomic<std::int64_t> logTails{0};        ///< clients that follow the log
    std::atomic<std::uint64_t> requestsBusy{0};   ///< refused because a loop lags behind
    std::atomic<std::uint64_t> readsBusy{0};      ///< refused because too much output waits
    std::atomic<std::uint64_t> readsRepeated{0};  ///< overtaken by more than is kept in memory
    std::atomic<std::int64_t> readsWaiting{0};  ///< until their clients have taken earlier answers
    std::atomic<std::uint64_t> answersHeldBytes{0};  ///< of answers that wait for their clients
    /// Connections closed because their token did not count any more, by auth::TokenFault.
    std::array<std::atomic<std::uint64_t>, auth::kTokenFaultCount> tokensEnded{};
    /// Requests that named another user or role than their token.
    std::atomic<std::uint64_t> identitiesRefused{0};
    MalformedPackets malformed{};
    /// By loop; where there are more loops, some share one.
    std::array<RequestMeter, 16> meters{};
    RequestMeter& meterOf(LoopIndex loop) { return meters[loop.value % meters.size()]; }
    /// Clients' connections that ended, by engineio::CloseReason.
    std::array<std::atomic<std::uint64_t>, engineio::kCloseReasonCount> disconnects{};
    std::atomic<std::uint64_t> recoveredEvents{0};  ///< sent to clients that came back
    WaitingWatch* waiting = nullptr;                ///< set as `engine`
    RecordedQuestions recordedQuestions{};
};

/// Counts an answer among those that wait, for as long as this lives.
class HeldBytes {
public:
    HeldBytes(GatewayState& shared, std::size_t bytes) : shared_(shared), bytes_(bytes) {
        shared_.answersHeldBytes.fetch_add(bytes_, std::memory_order_relaxed);
    }
    ~HeldBytes() { shared_.answersHeldBytes.fetch_sub(bytes_, std::memory_order_relaxed); }
    HeldBytes(const HeldBytes&) = delete;
    HeldBytes& operator=(const HeldBytes&) = delete;

private:
    GatewayState& shared_;
    const std::size_t bytes_;
};

/// The fairness key of a REST request's reads in the reader pool: its TCP connection's, so that all
/// its requests take turns as one. A socket's key is its ConnectionId; that has the loop's number
/// in its upper bits, and there are never so many loops that the top bit is needed.
inline ReadOwner readOwnerOf(std::uint64_t requestNumber) {
    return {net::connectionOf(requestNumber) | (std::uint64_t{1} << 63)};
}

/// Admits requests to the writer. Refuses and counts, with `busy`, while more waits for a loop than
/// limits::kMailboxTasksMax or kMailboxBytesMax: what is committed would not be sent soon, and must
/// not pile up.
Result<void> admitRequests(GatewayState& shared);

/// Hands a request to the writer, in a cluster to the one of the node that leads, and counts it as
/// being in flight. Refuses as `admitRequests` and RequestTaker::submit do, and with
/// `shutting_down` once the server refuses requests.
Result<void> submit(GatewayState& shared, Request request);

/// Admits a read. A page of history can be a hundred times as large as the request for it, so reads
/// could fill the memory with answers that no client takes: refuses and counts, with `busy`, while
/// more than net::Options::outputBytesMax waits. Call it when the read's turn has come, on its
/// reader's thread.
Result<void> admitRead(GatewayState& shared);

}  // namespace parley
