#include "cluster/forwarder.h"

#include "engine/work_traits.h"

#include <algorithm>
#include <utility>

namespace parley {

void Forwarder::submit(std::vector<Request>& requests, const RequestTaker::NotTaken& notTaken) {
    // `notTaken` may put new ones into `requests`.
    std::vector<Request> handed = std::exchange(requests, {});
    std::vector<std::pair<const Request*, Error>> refused;
    {
        const std::lock_guard lock(mutex_);
        for (auto& request : handed) {
            if (auto taken = add(request); !taken) refused.emplace_back(&request, taken.error());
        }
        handOver();
    }
    for (const auto& [request, error] : refused) notTaken(*request, error);
}

// With the lock held, as all below it. Moves from `request` only where it is taken.
Result<void> Forwarder::add(Request& request) {
    if (isClosed_) return Error{ErrorCode::shutting_down, "the server is stopping"};
    if (waiting_ >= options_.requestsMax && !isAlwaysTaken(request.work)) {
        return Error{ErrorCode::busy,
                     "the server has " + std::to_string(waiting_) + " requests waiting; try again"};
    }
    const auto now = clock_.monotonic();
    if (waiting_ == 0) lastNews_ = now;
    entries_.push_back({std::move(request), {}, now + options_.wait});
    ++waiting_;
    return {};
}

void Forwarder::close() {
    const std::lock_guard lock(mutex_);
    isClosed_ = true;
}

void Forwarder::handTo(std::uint64_t epoch, RequestTaker& engine) {
    const std::lock_guard lock(mutex_);
    if (engine_ && epoch_ == epoch) return;
    engine_ = &engine;
    send_ = {};
    // The engine has no numbers to tell by what it has taken in this epoch.
    if (!isHere_ || epoch_ != epoch) next_ = base_;
    isHere_ = true;
    epoch_ = epoch;
    handOver();
}

void Forwarder::handTo(std::uint64_t epoch, Send send) {
    const std::lock_guard lock(mutex_);
    if (send_ && epoch_ == epoch) return;
    engine_ = nullptr;
    isHere_ = false;
    epoch_ = epoch;
    send_ = std::move(send);
    resent_ += next_ - base_;
    next_ = base_;
    lastNews_ = clock_.monotonic();
    handOver();
}

void Forwarder::handToNobody() {
    const std::lock_guard lock(mutex_);
    engine_ = nullptr;
    send_ = {};
}

void Forwarder::retry() {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.monotonic();
    if (send_ && next_ > base_ && now - lastNews_ >= options_.again) {
        resent_ += next_ - base_;
        next_ = base_;
        lastNews_ = now;
    }
    handOver();
}

void Forwarder::handOver() {
    if (engine_) handHere();
    if (send_) sendAway();
}

void Forwarder::handHere() {
    for (; next_ < end(); ++next_) {
        const auto& entry = at(next_);
        if (entry.isSettled || entry.isDecided) continue;
        if (!engine_->submit(translated(next_, entry)).ok()) return;  // full: later
    }
}

Request Forwarder::translated(std::uint64_t number, const Entry& entry) const {
    Request request = entry.request;
    if (entry.isGivenUp) request.work = Barrier{};
    request.origin.connection = ClusterConnection::of(options_.run, request.origin.connection);
    request.origin.replyTo = ReplyTo(RequestTag{options_.run, number});
    return request;
}

void Forwarder::sendAway() {
    while (next_ < end()) {
        const auto first = next_;
        auto bytes = messageFrom(next_);
        forwarded_ += next_ - first;
        send_(std::move(bytes));
    }
}

// As many as fit; moves `number` behind them. Numbers have no gaps, so those that were decided, by
// this leader, which knows them, or by one before, are among them as barriers, which change
// nothing. So are those that were given up: a leader that has not taken them yet never does.
std::string Forwarder::messageFrom(std::uint64_t& number) {
    RequestMessage head{epoch_, options_.run.node, options_.run.run, base_, number, {}};
    std::string requests;
    std::size_t count = 0;
    for (; number < end(); ++number, ++count) {
        auto& entry = at(number);
        if (entry.isSettled || entry.isDecided || entry.isGivenUp) {
            requests += encode(Request{{}, Barrier{}});
            continue;
        }
        if (entry.bytes.empty()) entry.bytes = encode(translated(number, entry));
        if (count > 0 && requests.size() + entry.bytes.size() > kForwardedBytesMax) break;
        requests += entry.bytes;
    }
    return encode(head, count, requests);
}

void Forwarder::decided(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    lastNews_ = clock_.monotonic();
    if (number >= base_ && number < end()) at(number).isDecided = true;
}

std::optional<Origin> Forwarder::settle(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    if (number < base_ || number >= end()) return std::nullopt;
    auto& entry = at(number);
    if (std::exchange(entry.isSettled, true)) return std::nullopt;
    --waiting_;
    auto origin = std::move(entry.request.origin);
    const bool known = !entry.isGivenUp;
    entry.request = {};
    entry.bytes.clear();
    forgetSettled();
    return known ? std::optional(std::move(origin)) : std::nullopt;
}

void Forwarder::forgetSettled() {
    while (!entries_.empty() && entries_.front().isSettled) {
        entries_.pop_front();
        ++base_;
    }
    next_ = std::max(next_, base_);
}

// One that was handed over stays among the numbers until it is known what became of it: the leader
// that has taken it may carry it out yet, and no other one. One that was not is taken back for
// good.
std::vector<Origin> Forwarder::giveUp() {
    const std::lock_guard lock(mutex_);
    std::vector<Origin> given;
    const auto now = clock_.monotonic();
    for (auto number = base_; number < end(); ++number) {
        auto& entry = at(number);
        if (entry.deadline > now) break;
        if (entry.isSettled || entry.isGivenUp || isAlwaysTaken(entry.request.work)) continue;
        entry.isGivenUp = true;
        given.push_back(entry.request.origin);
        if (number < next_ || entry.isDecided) continue;
        entry.isSettled = true;
        --waiting_;
    }
    forgetSettled();
    return given;
}

std::size_t Forwarder::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

std::uint64_t Forwarder::forwarded() const {
    const std::lock_guard lock(mutex_);
    return forwarded_;
}

std::uint64_t Forwarder::resent() const {
    const std::lock_guard lock(mutex_);
    return resent_;
}

}  // namespace parley
