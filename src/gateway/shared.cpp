#include "gateway/shared.h"

#include <parley/core/limits.h>

#include <utility>

namespace parley {

Result<void> maySubmit(Shared& shared) {
    const net::MailboxLoad load = shared.server->mailbox();
    if (load.tasks <= limits::kMailboxTasksMax && load.bytes <= limits::kMailboxBytesMax) return {};
    shared.requestsBusy.fetch_add(1, std::memory_order_relaxed);
    return Error{ErrorCode::busy, "an I/O loop has too much waiting; try again"};
}

Result<void> submit(Shared& shared, Request request) {
    if (shared.refusing.load(std::memory_order_relaxed)) {
        return Error{ErrorCode::shutting_down, "the server is stopping"};
    }
    if (auto allowed = maySubmit(shared); !allowed) return allowed;
    // Counted first: who waits for the last one must not miss it.
    shared.requestsInFlight.fetch_add(1, std::memory_order_relaxed);
    auto taken = shared.engine->submit(std::move(request));
    if (!taken) shared.requestsInFlight.fetch_sub(1, std::memory_order_relaxed);
    return taken;
}

Result<void> mayRead(Shared& shared) {
    const auto waiting =
        shared.server->outputBytes() + shared.answersHeldBytes.load(std::memory_order_relaxed);
    if (waiting <= shared.outputBytesMax) return {};
    shared.readsBusy.fetch_add(1, std::memory_order_relaxed);
    return Error{ErrorCode::busy, "too many answers wait to be taken; try again"};
}

}  // namespace parley
