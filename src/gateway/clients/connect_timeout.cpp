#include "gateway/clients/connect_timeout.h"

#include <algorithm>
#include <utility>

namespace parley {
namespace {

// Beyond two for each session, so that a loop with few does not search all the time.
constexpr std::size_t kVoidDeadlinesMax = 1024;

}  // namespace

ConnectTimeout::ConnectTimeout(net::Loop& loop, std::chrono::milliseconds timeout,
                               std::function<bool(ConnectionId)> isConnecting)
    : loop_(loop), timeout_(timeout), isConnecting_(std::move(isConnecting)) {}

void ConnectTimeout::onOpen(ConnectionId session, std::size_t open) {
    waiting_.push_back({loop_.clock().monotonic() + timeout_, session});
    if (waiting_.size() > 2 * open + kVoidDeadlinesMax) {
        std::erase_if(waiting_, [this](const auto& one) { return !isConnecting_(one.session); });
    }
    arm();
}

void ConnectTimeout::arm() {
    if (timerRuns_ || waiting_.empty()) return;
    timerRuns_ = true;
    const auto wait = waiting_.front().deadline - loop_.clock().monotonic();
    loop_.after(std::max(wait, std::chrono::milliseconds(0)), [this] { endDue(); });
}

void ConnectTimeout::endDue() {
    timerRuns_ = false;
    const auto now = loop_.clock().monotonic();
    while (!waiting_.empty() && waiting_.front().deadline <= now) {
        const auto session = waiting_.front().session;
        waiting_.pop_front();
        if (isConnecting_(session)) loop_.sessions().close(session);
    }
    arm();
}

}  // namespace parley
