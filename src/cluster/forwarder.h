#pragma once

#include <parley/cluster/request_message.h>
#include <parley/cluster/run_id.h>
#include <parley/core/clock.h>
#include <parley/engine/engine.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// The requests of this node's clients, from when they are submitted until their outcome is
/// durable: numbers them, hands them to the node that leads, which may be this one, and again to
/// the next one where that did not settle them. Any thread.
class Forwarder {
public:
    using Time = std::chrono::milliseconds;
    struct Options {
        RunId run{};
        std::size_t requestsMax = 20'000;  ///< waiting; beyond it `busy`
        Time wait{15'000};                 ///< then a request is refused with `unavailable`
        Time again{1'000};                 ///< without news of any, requests are sent again
    };
    /// Sends a RequestMessage to the leader. Must not wait, and not call the forwarder.
    using Send = std::function<void(std::string bytes)>;
    Forwarder(Options options, const Clock& clock) : options_(options), clock_(clock) {}

    /// As Engine::submit; never refuses for the storage's sake.
    void submit(std::vector<Request>& requests, const RequestTaker::NotTaken& notTaken);
    /// Refuses what comes from now on with `shutting_down`.
    void close();

    /// This node leads `epoch`: all that is not settled goes to its engine, once in an epoch, and
    /// so does what comes.
    void handTo(std::uint64_t epoch, RequestTaker& engine);
    /// Another node leads `epoch`: all goes to `send`, which is used until the next call of these.
    void handTo(std::uint64_t epoch, Send send);
    /// Nobody leads: requests wait.
    void handToNobody();
    /// Now and then: hands over what could not be before, and sends again what got lost.
    void retry();

    /// It was carried out or refused, and is not handed to anybody again.
    void decided(std::uint64_t number);
    /// Its outcome is durable, too: what the client's request came with; nothing where it was given
    /// up.
    std::optional<Origin> settle(std::uint64_t number);
    /// What waited for too long, each once. The leader that was handed it may carry it out yet; one
    /// that comes later does not.
    std::vector<Origin> giveUp();

    /// Requests that are not settled.
    std::size_t waiting() const;
    /// For metrics: requests that went to another node, and those that went again.
    std::uint64_t forwarded() const;
    std::uint64_t resent() const;

private:
    struct Entry {
        Request request;
        std::string bytes;  // of it, for other nodes; empty: not needed yet
        Time deadline;
        bool isDecided = false;
        bool isSettled = false;
        bool isGivenUp = false;
    };
    Result<void> add(Request& request);
    void handOver();
    void handHere();
    void sendAway();
    std::string messageFrom(std::uint64_t& number);
    Request translated(std::uint64_t number, const Entry& entry) const;
    Entry& at(std::uint64_t number) { return entries_[static_cast<std::size_t>(number - base_)]; }
    std::uint64_t end() const { return base_ + entries_.size(); }
    void forgetSettled();

    const Options options_;
    const Clock& clock_;
    mutable std::mutex mutex_;
    std::deque<Entry> entries_;  // numbered from base_ on
    std::uint64_t base_ = 1;
    std::uint64_t next_ = 1;  // the first that was not handed over
    std::size_t waiting_ = 0;
    bool isClosed_ = false;
    RequestTaker* engine_ = nullptr;
    std::uint64_t epoch_ = 0;  // in which requests were handed over last
    bool isHere_ = false;      // to this node's engine
    Send send_;
    Time lastNews_{0};
    std::uint64_t forwarded_ = 0;
    std::uint64_t resent_ = 0;
};

}  // namespace parley
