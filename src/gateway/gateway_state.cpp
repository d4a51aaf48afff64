#include "gateway/gateway_state.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>

#include <utility>

namespace parley {

Result<void> admitRequests(GatewayState& shared) {
    const net::MailboxLoad load = shared.server->mailbox();
    if (load.tasks <= limits::kMailboxTasksMax && load.bytes <= limits::kMailboxBytesMax) return {};
    shared.requestsBusy.fetch_add(1, std::memory_order_relaxed);
    return Error{ErrorCode::busy, "an I/O loop has too much waiting; try again"};
}

Result<void> submit(GatewayState& shared, Request request) {
    if (shared.refusing.load(std::memory_order_relaxed)) {
        return Error{ErrorCode::shutting_down, "the server is stopping"};
    }
    PARLEY_TRY(admitRequests(shared));
    // Counted before it is submitted: Gateway::stop waits until none is in flight.
    shared.requestsInFlight.fetch_add(1, std::memory_order_relaxed);
    auto taken = shared.requests->submit(std::move(request));
    if (!taken) shared.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    return taken;
}

Result<void> admitRead(GatewayState& shared) {
    const auto waiting =
        shared.server->outputBytes() + shared.answersHeldBytes.load(std::memory_order_relaxed);
    if (waiting <= shared.outputBytesMax) return {};
    shared.readsBusy.fetch_add(1, std::memory_order_relaxed);
    return Error{ErrorCode::busy, "too many answers wait to be taken; try again"};
}

}  // namespace parley
