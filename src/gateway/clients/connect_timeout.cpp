#include "gateway/clients/connect_timeout.h"

#include <algorithm>
#include <utility>

namespace parley {
namespace {

// Entries of connections that are gone or in a namespace, beyond two for each open one, before they
// are searched for: a loop with few connections does not search all the time.
constexpr std::size_t kVoidDeadlinesMax = 1024;

}  // namespace

ConnectTimeout::ConnectTimeout(net::Loop& loop, std::chrono::milliseconds timeout,
                               std::function<bool(ConnectionId)> isConnecting)
    : loop_(loop), timeout_(timeout), isConnecting_(std::move(isConnecting)) {}

void ConnectTimeout::onOpen(ConnectionId connection, std::size_t open) {
    waiting_.push_back({loop_.clock().monotonic() + timeout_, connection});
    if (waiting_.size() > 2 * open + kVoidDeadlinesMax) {
        std::erase_if(waiting_, [this](const auto& one) { return !isConnecting_(one.connection); });
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
        const auto connection = waiting_.front().connection;
        waiting_.pop_front();
        if (isConnecting_(connection)) loop_.sessions().close(connection);
    }
    arm();
}

}  // namespace parley
