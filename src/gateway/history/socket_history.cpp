#include "gateway/history/socket_history.h"

#include "gateway/calls/answer.h"
#include "gateway/history/page_news.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/limits.h>
#include <parley/core/precise_time.h>

#include <algorithm>
#include <utility>

namespace parley {
namespace {

// How long a client that does not take what it was sent is left alone.
constexpr std::chrono::milliseconds kPause{10};
// A page that has been overtaken by more than is kept in memory is read again, so often at most: in
// a room where more than the kept tail is said during each single read.
constexpr int kReadAttemptsMax = 20;
// Messages that are read with a page although its offset skips them, where it is read again.
constexpr int kLeadMin = 8;

// A page from memory needs no bound of its own.
static_assert(limits::kHistoryTailBytesMax < kPageBytesMax);

// The tails may be ahead of a removal that the loop has not heard of yet, and a customer reads no
// further than to its removal: where a token says that one asks, a reader looks.
bool readsMemory(const Principal* principal) {
    return !principal || actorOf(*principal) != Actor::customer;
}

Error tooManyReads() {
    return {ErrorCode::busy, "too many reads are waiting; try again"};
}

}  // namespace

void SocketHistory::get(Client& client, const SocketCall& call, Result<HistoryRequest> request) {
    if (client.settled()) return getSettled(client, call, std::move(request));
    calls_.submit(
        client, Barrier{},
        [this, call, request = std::move(request)](Client& settled, const Result<Reply>& passed) {
            if (!passed) return refuse(settled, call, passed.error());
            getSettled(settled, call, request);
        });
}

void SocketHistory::getSettled(Client& client, const SocketCall& call,
                               Result<HistoryRequest> request) {
    auto& reads = client.presence().reads;
    if (!request && (call.ackId || !reads)) {
        return refuse(client, call, request.error());
    }
    const Subscriber& subscriber = client.presence().subscriber;
    const auto& principal = client.presence().principal;
    if (!reads && takesMore(client) && readsMemory(principal.get())) {
        const auto viewerOf = [&](ConversationKey conversation) {
            return viewerIn(conversation, subscriber.watchesDashboard(), subscriber.rooms(),
                            principal == nullptr);
        };
        if (answerFromMemory(client, call, *request, viewerOf)) return;
    }
    if (!mayWait(client, call)) {
        shared_.readsBusy.fetch_add(1, std::memory_order_relaxed);
        return refuse(client, call,
                      {ErrorCode::busy, "too many reads wait for their clients; try again"});
    }
    if (!reads) reads = std::make_unique<ClientReads>(nextNumber_++, shared_.readsWaiting);
    reads->add(std::move(request), call, subscriber.watchesDashboard(), subscriber.rooms(),
               principal);
    beginReads(client);
}

void SocketHistory::refuse(Client& client, const SocketCall& call, const Error& error) const {
    shared_.meterOf(loop_.index()).refused(call, error.code, preciseTime());
    client.send(refusalFrame(call, error));
}

// Whether the client has taken most of what it was sent.
bool SocketHistory::takesMore(const Client& client) const {
    return !client.presence().catchUp &&
           loop_.sessions().backlogBytes(client.connection()) <= limits::kReadBacklogBytesMax;
}

// Whether one more read of the client may wait, or need not. Each client may have as many waiting
// as are left for all: so there always are some left, however many clients take nothing.
bool SocketHistory::mayWait(const Client& client, const SocketCall& call) const {
    const ClientReads* reads = client.presence().reads.get();
    const std::size_t waiting = reads ? reads->waiting().size() : 0;
    const bool next = !reads || (waiting == 0 && reads->mayBegin(!call.ackId));
    if (next && takesMore(client)) return true;
    const auto all =
        static_cast<std::size_t>(std::max<std::int64_t>(0, shared_.readsWaiting.load()));
    const auto most = shared_.options.readsWaitingMax;
    const auto left = all < most ? most - all : 0;
    return waiting < std::min(limits::kReadsWaitingMax, left);
}

// False: it takes a reader.
bool SocketHistory::answerFromMemory(Client& client, const SocketCall& call,
                                     const HistoryRequest& request,
                                     const HistoryTails::ViewerOf& viewerOf) {
    if (const auto allowed = admitRead(shared_); !allowed) {
        refuse(client, call, allowed.error());
        return true;
    }
    const auto kept = shared_.tails.page(request.conversation, request.page, viewerOf);
    if (kept) {
        shared_.meterOf(loop_.index()).done(call, preciseTime());
        client.send(answerFrame(call, *kept));
    }
    return kept.has_value();
}

// Begins the reads that may begin now. REQUIRES: the client has ClientReads.
void SocketHistory::beginReads(Client& client) {
    ClientReads& reads = *client.presence().reads;
    while (!reads.waiting().empty() && reads.mayBegin(reads.waiting().front().ordered())) {
        if (!takesMore(client)) return pause(client);
        begin(client, reads.takeNext());
    }
    if (reads.idle()) client.presence().reads.reset();
}

void SocketHistory::pause(Client& client) {
    ClientReads& reads = *client.presence().reads;
    reads.pause(true);
    loop_.after(kPause, [this, connection = client.connection(), number = reads.number()] {
        Client* known = find(connection, number);
        if (!known) return;
        known->presence().reads->pause(false);
        beginReads(*known);
    });
}

void SocketHistory::begin(Client& client, const ClientRead& read) {
    if (!read.request) return refuse(client, read.call, read.request.error());
    const bool openMode = read.viewer->principal == nullptr;
    const auto viewerOf = [&](ConversationKey conversation) {
        return viewerIn(conversation, read.viewer->dashboard, read.viewer->rooms, openMode);
    };
    const bool memory = readsMemory(read.viewer->principal.get());
    if (memory && answerFromMemory(client, read.call, *read.request, viewerOf)) return;
    ClientReads& reads = *client.presence().reads;
    if (submit(reads.number(), read)) {
        reads.begun(read);
    } else {
        refuse(client, read.call, tooManyReads());
    }
}

// False: the reader pool has too much to do.
bool SocketHistory::submit(std::uint64_t number, const ClientRead& read) {
    auto job = [this, read, number](ReadContext& context) {
        const auto allowed = admitRead(shared_);
        auto page = allowed ? readHistory(context, *read.request, *read.viewer, read.lead)
                            : Result<HistoryPage>(allowed.error());
        if (context.outgrown()) return;
        // Encoded here, on the reader's thread: mostly the loop only sends.
        if (page) {
            auto frame = answerFrame(read.call, jsonOf(*page, read.request->page));
            post(number, {read, std::move(frame), std::move(*page), std::nullopt});
        } else {
            post(number,
                 {read, refusalFrame(read.call, page.error()), std::nullopt, page.error().code});
        }
    };
    auto failed = [this, read, number](const Error& error) {
        post(number, {read, refusalFrame(read.call, error), std::nullopt, error.code});
    };
    return shared_.engine->read(std::move(job), ReadOwner::of(read.call.connection),
                                std::move(failed), sizeOf(read.request->page));
}

// On a reader's thread.
void SocketHistory::post(std::uint64_t number, Answered answered) {
    const std::size_t bytes = answered.bytes();
    loop_.post(
        [this, number, shared = std::make_shared<Answered>(std::move(answered))] {
            onRead(number, shared);
        },
        bytes);
}

void SocketHistory::onRead(std::uint64_t number, const std::shared_ptr<Answered>& answered) {
    Client* client = find(answered->read.call.connection, number);
    if (!client) return;
    if (!takesMore(*client)) {
        // It counts as output that waits, wherever it waits.
        const auto bytes = std::make_shared<const HeldBytes>(shared_, answered->bytes());
        loop_.after(kPause, [this, number, answered, bytes] { onRead(number, answered); });
        return;
    }
    if (!bringUpToDate(*client, *answered)) return readAgain(*client, std::move(answered->read));
    auto& meter = shared_.meterOf(loop_.index());
    const auto now = preciseTime();
    if (answered->refusal) {
        meter.refused(answered->read.call, *answered->refusal, now);
    } else {
        meter.done(answered->read.call, now);
    }
    client->send(answered->frame);
    end(*client, answered->read);
}

// Broadcasts of later commits may have overtaken the answer. A client that shows the answer instead
// of what it shows now must lose nothing by that. False: it has to be read once more.
bool SocketHistory::bringUpToDate(const Client& client, Answered& answered) const {
    if (!answered.page || !answered.page->live) return true;
    const HistoryPage& page = *answered.page;
    const HistoryRequest& request = *answered.read.request;
    const bool settled =
        request.page.forward()
            ? page.end != PageEnd::reached
            : request.page.before && request.page.before->value <= page.upTo.value + 1;
    if (settled) return true;
    auto news =
        shared_.tails.since(request.conversation, page.upTo, [&](ConversationKey conversation) {
            const HistoryViewer& viewer = *answered.read.viewer;
            // A client that was removed meanwhile is told nothing more.
            const auto& rooms =
                viewer.principal ? client.presence().subscriber.rooms() : viewer.rooms;
            return viewerIn(conversation, viewer.dashboard, rooms, !viewer.principal);
        });
    // What the loop has not delivered yet comes live, to those that still receive it.
    if (news && answered.read.viewer->principal) {
        std::erase_if(*news, [this](const auto& one) { return one.position > delivered_; });
    }
    const std::size_t count = news ? countOf(*news, request.page) : 0;
    if (news && count == 0) return true;
    const auto json = news ? withNews(page, request.page, *news) : std::nullopt;
    // As much may be said meanwhile the next time, and a little more.
    answered.read.lead = kLeadMin + 2 * static_cast<int>(count);
    if (json) answered.frame = answerFrame(answered.read.call, *json);
    return json.has_value();
}

void SocketHistory::readAgain(Client& client, ClientRead read) {
    shared_.readsRepeated.fetch_add(1, std::memory_order_relaxed);
    const auto number = client.presence().reads->number();
    if (++read.attempts < kReadAttemptsMax && submit(number, read)) return;
    refuse(client, read.call, tooManyReads());
    end(client, read);
}

void SocketHistory::end(Client& client, const ClientRead& read) {
    client.presence().reads->ended(read);
    beginReads(client);
}

Client* SocketHistory::find(ConnectionId connection, std::uint64_t number) const {
    Client* client = clients_.find(connection);
    const ClientReads* reads = client ? client->presence().reads.get() : nullptr;
    return reads && reads->number() == number ? client : nullptr;
}

}  // namespace parley
