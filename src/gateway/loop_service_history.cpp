#include "gateway/history.h"
#include "gateway/loop_service.h"
#include "gateway/reads.h"

#include <parley/core/limits.h>

#include <algorithm>
#include <utility>

/// get_messages: from the tails in memory where they reach, else by the reader pool; no faster than
/// the client takes the answers.
namespace parley {

void LoopService::getMessages(Client& client, Result<HistoryRequest> request,
                              const Origin& origin) {
    if (!request) {
        refuseInOrder(client, origin, request.error(), wireRequestName(WireRequest::getMessages));
        return;
    }
    whenSettled(client, origin,
                [this, request = std::move(*request), origin](Client& settled, Position) {
                    readMessages(settled, request, origin);
                });
}

// Whether the client has taken most of what it was sent.
bool LoopService::takesMore(const Client& client) const {
    return !client.catchUp &&
           loop_.sessions().backlogBytes(client.session()) <= limits::kReadBacklogBytesMax;
}

// False: it takes a reader.
bool LoopService::answerFromMemory(Client& client, const HistoryRequest& request,
                                   const Origin& origin, const HistoryTails::ViewerOf& viewerOf) {
    if (const auto allowed = mayRead(shared_); !allowed) {
        refuseRead(client, origin, allowed.error());
        return true;
    }
    const auto kept = shared_.tails.page(request.conversation, request.page, viewerOf);
    if (kept) send(client, answerFrame(origin, *kept));
    return kept.has_value();
}

void LoopService::refuseRead(Client& client, const Origin& origin, const Error& error) {
    refuse(client, origin, error, wireRequestName(WireRequest::getMessages));
}

void LoopService::readMessages(Client& client, const HistoryRequest& request,
                               const Origin& origin) {
    const auto viewerOf = [&client](ConversationKey conversation) {
        return viewerIn(conversation, client.dashboard, client.rooms);
    };
    const bool atOnce = !client.reads && takesMore(client);
    if (atOnce && answerFromMemory(client, request, origin, viewerOf)) return;
    if (!mayWait(client)) {
        shared_.readsBusy.fetch_add(1, std::memory_order_relaxed);
        return refuseRead(client, origin,
                          {ErrorCode::busy, "too many reads wait for their clients; try again"});
    }
    if (!client.reads) {
        client.reads = std::make_unique<Reads>();
        client.reads->number = nextReads_++;
    }
    auto& viewer = client.reads->viewer;
    if (!viewer || viewer->dashboard != client.dashboard || viewer->rooms != client.rooms) {
        viewer =
            std::make_shared<const HistoryViewer>(HistoryViewer{client.dashboard, client.rooms});
    }
    client.reads->waiting.push_back({request, origin, viewer});
    shared_.readsWaiting.fetch_add(1, std::memory_order_relaxed);
    readOn(client);
}

// Whether one more read of it may wait, or need not. Each may have as many waiting as are left for
// all: so there always are some left, however many clients take nothing.
bool LoopService::mayWait(const Client& client) const {
    const Reads* reads = client.reads.get();
    const std::size_t waiting = reads ? reads->waiting.size() : 0;
    const bool next =
        !reads || (waiting == 0 && !reads->paused && reads->running < limits::kReadsOfClientMax);
    if (next && takesMore(client)) return true;
    const auto all =
        static_cast<std::size_t>(std::max<std::int64_t>(0, shared_.readsWaiting.load()));
    const auto most = shared_.options.readsWaitingMax;
    const auto left = all < most ? most - all : 0;
    return waiting < std::min(limits::kReadsWaitingMax, left);
}

// Begins what may be begun now.
void LoopService::readOn(Client& client) {
    Reads& reads = *client.reads;
    while (!reads.paused && !reads.waiting.empty() && reads.running < limits::kReadsOfClientMax) {
        if (!takesMore(client)) {
            reads.paused = true;
            loop_.after(kPause, [this, session = client.session(), number = reads.number] {
                Client* known = findReading(session, number);
                if (!known) return;
                known->reads->paused = false;
                readOn(*known);
            });
            return;
        }
        const Reads::Waiting next = std::move(reads.waiting.front());
        reads.waiting.pop_front();
        shared_.readsWaiting.fetch_sub(1, std::memory_order_relaxed);
        read(client, next);
    }
    if (reads.waiting.empty() && reads.running == 0 && !reads.paused) client.reads.reset();
}

void LoopService::read(Client& client, const Reads::Waiting& read) {
    const auto viewerOf = [&read](ConversationKey conversation) {
        return viewerIn(conversation, read.viewer->dashboard, read.viewer->rooms);
    };
    if (answerFromMemory(client, read.request, read.origin, viewerOf)) return;
    const auto number = client.reads->number;
    auto job = [this, read, number](ReadContext& context) {
        const auto allowed = mayRead(shared_);
        auto page = allowed ? readHistory(context, read.request, *read.viewer)
                            : Result<HistoryPage>(allowed.error());
        // Encoded here, on the reader's thread: the loop only sends.
        auto frame = page ? answerFrame(read.origin, page->json)
                          : refusalFrame(read.origin, page.error(),
                                         wireRequestName(WireRequest::getMessages));
        postRead(read.origin, number, std::move(frame));
    };
    auto failed = [this, origin = read.origin, number](const Error& error) {
        postRead(origin, number,
                 refusalFrame(origin, error, wireRequestName(WireRequest::getMessages)));
    };
    if (shared_.engine->read(std::move(job), client.session(), std::move(failed))) {
        ++client.reads->running;
    } else {
        refuseRead(client, read.origin, {ErrorCode::busy, "too many reads are waiting; try again"});
    }
}

// On a reader's thread.
void LoopService::postRead(const Origin& origin, std::uint64_t number, engineio::FramePtr frame) {
    const std::size_t bytes = frame ? frame->webSocket().size() : 0;
    loop_.post([this, session = origin.connection, number,
                frame = std::move(frame)] { onRead(session, number, frame); },
               bytes);
}

void LoopService::onRead(engineio::SessionNumber session, std::uint64_t number,
                         const engineio::FramePtr& frame) {
    Client* client = findReading(session, number);
    if (!client) return;
    if (!takesMore(*client)) {
        // It counts as output that waits, wherever it waits.
        const auto bytes = std::make_shared<const HeldBytes>(shared_, frame);
        loop_.after(kPause,
                    [this, session, number, frame, bytes] { onRead(session, number, frame); });
        return;
    }
    send(*client, frame);
    --client->reads->running;
    readOn(*client);
}

Client* LoopService::findReading(engineio::SessionNumber session, std::uint64_t number) {
    Client* client = find(session);
    return client && client->reads && client->reads->number == number ? client : nullptr;
}

void LoopService::dropReads(Client& client) {
    if (!client.reads) return;
    shared_.readsWaiting.fetch_sub(static_cast<std::int64_t>(client.reads->waiting.size()),
                                   std::memory_order_relaxed);
    client.reads.reset();
}

}  // namespace parley
