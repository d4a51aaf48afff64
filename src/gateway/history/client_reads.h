#pragma once

#include "gateway/calls/reply_address.h"
#include "gateway/history/history.h"

#include <parley/core/limits.h>
#include <parley/gateway/calls/request_parser.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace parley {

/// A read of history that a client asked for over its socket.
struct ClientRead {
    Result<HistoryRequest> request;  ///< or why it is refused, in its turn
    SocketCall call;
    std::shared_ptr<const HistoryViewer> viewer;  ///< the client as it was when it asked
    int lead = 0;      ///< of what `offset` skips: how many messages are read too
    int attempts = 0;  ///< how often it has been read

    /// Reads without ack are answered in the order in which they were asked.
    bool ordered() const { return !call.ackId; }
};

/// A client's reads of history that are not answered yet. A page can be a thousand times as large
/// as the request for it, so the next one is read only once the client has taken the last ones: a
/// client that asks for much at once gets it all, as fast as it takes it. The loop's thread.
class ClientReads {
public:
    /// `number` tells these from earlier ones of the same client. What waits is counted in
    /// `waitingOfAll`, too, which outlives this.
    ClientReads(std::uint64_t number, std::atomic<std::int64_t>& waitingOfAll)
        : number_(number), waitingOfAll_(waitingOfAll) {}
    ~ClientReads() { count(-static_cast<std::int64_t>(waiting_.size())); }
    ClientReads(const ClientReads&) = delete;
    ClientReads& operator=(const ClientReads&) = delete;

    std::uint64_t number() const { return number_; }
    /// The oldest first.
    const std::deque<ClientRead>& waiting() const { return waiting_; }
    /// Nothing waits, is being read or waits for a timer.
    bool idle() const { return waiting_.empty() && running_ == 0 && !paused_; }
    /// Whether a read that is `ordered` may begin, once it is its turn.
    bool mayBegin(bool ordered) const {
        return !paused_ && running_ < limits::kReadsOfClientMax && !(ordered && orderedRuns_);
    }

    /// The client reads as `dashboard`, `rooms` and `principal` say; they are copied, and shared by
    /// reads that follow one another.
    void add(Result<HistoryRequest> request, const SocketCall& call, bool dashboard,
             const std::vector<Subscription>& rooms, const PrincipalPtr& principal = nullptr);
    /// REQUIRES: one waits.
    ClientRead takeNext();
    /// A read is with the reader pool, or has come back and is not sent yet.
    void begun(const ClientRead& read);
    void ended(const ClientRead& read);
    /// While paused, none begins.
    void pause(bool paused) { paused_ = paused; }
    /// Lets the waiting reads be carried out as if the client had never joined this conversation.
    void forgetRoom(ConversationKey room);

private:
    void count(std::int64_t change) { waitingOfAll_.fetch_add(change, std::memory_order_relaxed); }

    const std::uint64_t number_;
    std::atomic<std::int64_t>& waitingOfAll_;
    std::deque<ClientRead> waiting_;
    std::shared_ptr<const HistoryViewer> viewer_;  // of the read that was added last
    int running_ = 0;
    bool orderedRuns_ = false;
    bool paused_ = false;
};

}  // namespace parley
