#pragma once

#include "gateway/clients/malformed_packets.h"

#include <parley/core/clock.h>
#include <parley/engine/engine.h>
#include <parley/engineio/frame.h>
#include <parley/gateway/gateway.h>
#include <parley/gateway/history/history_tails.h>
#include <parley/net/server.h>

#include <atomic>
#include <limits>

namespace parley {

/// What all loops' services share. Set up before the loops start.
struct Shared {
    const GatewayOptions& options;
    const Clock& clock;
    Engine* engine = nullptr;
    net::Server* server = nullptr;
    std::size_t outputBytesMax = std::numeric_limits<std::size_t>::max();  ///< net::Options's
    HistoryTails tails{};
    std::atomic<bool> draining{false};  ///< not ready any more
    std::atomic<bool> refusing{false};  ///< no request is taken any more
    std::atomic<std::int64_t> requestsInFlight{0};
    std::atomic<std::int64_t> rooms{0};           ///< that have members, on each loop
    std::atomic<std::int64_t> subscriptions{0};   ///< of connections to rooms
    std::atomic<std::uint64_t> requestsBusy{0};   ///< turned away because a loop lags behind
    std::atomic<std::uint64_t> readsBusy{0};      ///< turned away as too much waits to be taken
    std::atomic<std::uint64_t> readsRepeated{0};  ///< overtaken by more than is kept in memory
    std::atomic<std::int64_t> readsWaiting{0};    ///< until their clients have taken earlier ones
    std::atomic<std::uint64_t> answersHeldBytes{0};  ///< read, until their clients take them
    MalformedPackets malformed{};
};

/// Counts an answer among those that wait, for as long as this lives.
class HeldBytes {
public:
    HeldBytes(Shared& shared, std::size_t bytes) : shared_(shared), bytes_(bytes) {
        shared_.answersHeldBytes.fetch_add(bytes_, std::memory_order_relaxed);
    }
    ~HeldBytes() { shared_.answersHeldBytes.fetch_sub(bytes_, std::memory_order_relaxed); }
    HeldBytes(const HeldBytes&) = delete;
    HeldBytes& operator=(const HeldBytes&) = delete;

private:
    Shared& shared_;
    const std::size_t bytes_;
};

/// Who asks for a read (ReaderPool::Asker): a session, by its number, or a TCP connection with all
/// its REST requests. A session's number has its loop on top, and there are never so many loops
/// that they need this bit.
inline std::uint64_t askerOfHttp(std::uint64_t requestNumber) {
    return net::connectionOf(requestNumber) | (std::uint64_t{1} << 63);
}

/// Whether requests may be handed to the writer now: `busy` while more waits for a loop than
/// limits::kMailboxTasksMax or kMailboxBytesMax, as what is committed is then sent to nobody soon,
/// and must not pile up.
Result<void> maySubmit(Shared& shared);

/// Hands a request to the writer and counts it as being in flight. Refuses as `maySubmit` and
/// Engine::submit do, and with `shutting_down` once the server refuses requests.
Result<void> submit(Shared& shared, Request request);

/// Whether a read may be carried out now. A page of history can be a hundred times as large as the
/// request for it, so reads are what could fill the memory with answers that nobody takes: `busy`
/// while more than net::Options::outputBytesMax waits. Asked when the read's turn has come, on
/// its reader's thread.
Result<void> mayRead(Shared& shared);

}  // namespace parley
