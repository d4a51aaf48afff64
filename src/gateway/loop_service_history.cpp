#include "gateway/history/history.h"
#include "gateway/history/page_news.h"
#include "gateway/history/reads.h"
#include "gateway/loop_service.h"

#include <parley/core/limits.h>

#include <algorithm>
#include <utility>

/// get_messages: from the tails in memory where they reach, else by the reader pool; no faster than
/// the client takes the answers.
namespace parley {
namespace {

// A page that has been overtaken by more than is kept in memory is read again, so often at most: in
// a room where more than the kept tail is said during each single read.
constexpr int kReadAttemptsMax = 20;
// Messages that are read with a page although its offset skips them, where it is read again.
constexpr int kLeadMin = 8;

// A page from memory needs no bound of its own.
static_assert(limits::kHistoryTailBytesMax < kPageBytesMax);

Error tooManyReads() {
    return {ErrorCode::busy, "too many reads are waiting; try again"};
}

engineio::FramePtr refusalOf(const Reads::Waiting& read, const Error& error) {
    return refusalFrame(read.call, error);
}

}  // namespace

void LoopService::getMessages(Client& client, const SocketCall& call,
                              Result<HistoryRequest> request) {
    if (client.pending == 0) return readMessages(client, call, request);
    submitStep(
        client, Barrier{},
        [this, request = std::move(request), call](Client& settled, const Result<Reply>& passed) {
            if (!passed) return refuse(settled, call, passed.error());
            readMessages(settled, call, request);
        });
}

// Whether the client has taken most of what it was sent.
bool LoopService::takesMore(const Client& client) const {
    return !client.catchUp &&
           loop_.sessions().backlogBytes(client.session()) <= limits::kReadBacklogBytesMax;
}

// False: it takes a reader.
bool LoopService::answerFromMemory(Client& client, const SocketCall& call,
                                   const HistoryRequest& request,
                                   const HistoryTails::ViewerOf& viewerOf) {
    if (const auto allowed = mayRead(shared_); !allowed) {
        refuse(client, call, allowed.error());
        return true;
    }
    const auto kept = shared_.tails.page(request.conversation, request.page, viewerOf);
    if (kept) send(client, answerFrame(call, *kept));
    return kept.has_value();
}

void LoopService::readMessages(Client& client, const SocketCall& call,
                               const Result<HistoryRequest>& request) {
    const bool mayOvertake = call.ackId.has_value();
    if (!request && (mayOvertake || !client.reads)) {
        return refuse(client, call, request.error());
    }
    const auto viewerOf = [&client](ConversationKey conversation) {
        return viewerIn(conversation, client.dashboard, client.rooms);
    };
    const bool atOnce = !client.reads && takesMore(client);
    if (atOnce && answerFromMemory(client, call, *request, viewerOf)) return;
    if (!mayWait(client, call)) {
        shared_.readsBusy.fetch_add(1, std::memory_order_relaxed);
        return refuse(client, call,
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
    client.reads->waiting.push_back({request, call, viewer});
    shared_.readsWaiting.fetch_add(1, std::memory_order_relaxed);
    readOn(client);
}

// Whether one more read of it may wait, or need not. Each may have as many waiting as are left for
// all: so there always are some left, however many clients take nothing.
bool LoopService::mayWait(const Client& client, const SocketCall& call) const {
    const Reads* reads = client.reads.get();
    const std::size_t waiting = reads ? reads->waiting.size() : 0;
    const bool next = !reads || (waiting == 0 && reads->mayBegin(call));
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
    while (!reads.waiting.empty() && reads.mayBegin(reads.waiting.front().call)) {
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
    if (!read.request) return refuse(client, read.call, read.request.error());
    const auto viewerOf = [&read](ConversationKey conversation) {
        return viewerIn(conversation, read.viewer->dashboard, read.viewer->rooms);
    };
    if (answerFromMemory(client, read.call, *read.request, viewerOf)) return;
    if (submitRead(client.reads->number, read)) {
        ++client.reads->running;
        if (read.withoutAck()) client.reads->inOrder = true;
    } else {
        refuse(client, read.call, tooManyReads());
    }
}

bool LoopService::submitRead(std::uint64_t number, const Reads::Waiting& read) {
    auto job = [this, read, number](ReadContext& context) {
        const auto allowed = mayRead(shared_);
        auto page = allowed ? readHistory(context, *read.request, *read.viewer, read.lead)
                            : Result<HistoryPage>(allowed.error());
        if (context.outgrown()) return;
        // Encoded here, on the reader's thread: mostly the loop only sends.
        if (page) {
            auto frame = answerFrame(read.call, jsonOf(*page, read.request->page));
            postRead(number, {read, std::move(frame), std::move(*page)});
        } else {
            postRead(number, {read, refusalOf(read, page.error())});
        }
    };
    auto failed = [this, read, number](const Error& error) {
        postRead(number, {read, refusalOf(read, error)});
    };
    return shared_.engine->read(std::move(job), read.call.connection.value, std::move(failed),
                                sizeOf(read.request->page));
}

// On a reader's thread.
void LoopService::postRead(std::uint64_t number, Reads::Answered answered) {
    const std::size_t bytes = answered.bytes();
    loop_.post(
        [this, number, shared = std::make_shared<Reads::Answered>(std::move(answered))] {
            onRead(number, shared);
        },
        bytes);
}

void LoopService::onRead(std::uint64_t number, const std::shared_ptr<Reads::Answered>& answered) {
    Client* client = findReading(answered->read.call.connection, number);
    if (!client) return;
    if (!takesMore(*client)) {
        // It counts as output that waits, wherever it waits.
        const auto bytes = std::make_shared<const HeldBytes>(shared_, answered->bytes());
        loop_.after(kPause, [this, number, answered, bytes] { onRead(number, answered); });
        return;
    }
    if (!bringUpToDate(*answered)) return readAgain(*client, std::move(answered->read));
    send(*client, answered->frame);
    endRead(*client, answered->read);
}

// Broadcasts of later commits may have overtaken the answer. A client that shows it instead of what
// it shows must lose nothing by that. False: it takes one more read.
bool LoopService::bringUpToDate(Reads::Answered& answered) {
    if (!answered.page) return true;
    const HistoryPage& page = *answered.page;
    const HistoryRequest& request = *answered.read.request;
    const bool settled =
        request.page.forward()
            ? page.end != PageEnd::reached
            : request.page.before && request.page.before->value <= page.upTo.value + 1;
    if (settled) return true;
    const auto news = shared_.tails.since(
        request.conversation, page.upTo, [&answered](ConversationKey conversation) {
            const HistoryViewer& viewer = *answered.read.viewer;
            return viewerIn(conversation, viewer.dashboard, viewer.rooms);
        });
    const std::size_t count = news ? countOf(*news, request.page) : 0;
    if (news && count == 0) return true;
    const auto json = news ? withNews(page, request.page, *news) : std::nullopt;
    // As much may be said meanwhile the next time, and a little more.
    answered.read.lead = kLeadMin + 2 * static_cast<int>(count);
    if (json) answered.frame = answerFrame(answered.read.call, *json);
    return json.has_value();
}

void LoopService::readAgain(Client& client, Reads::Waiting read) {
    shared_.readsRepeated.fetch_add(1, std::memory_order_relaxed);
    if (++read.attempts < kReadAttemptsMax && submitRead(client.reads->number, read)) return;
    refuse(client, read.call, tooManyReads());
    endRead(client, read);
}

void LoopService::endRead(Client& client, const Reads::Waiting& read) {
    --client.reads->running;
    if (read.withoutAck()) client.reads->inOrder = false;
    readOn(client);
}

Client* LoopService::findReading(ConnectionId session, std::uint64_t number) {
    Client* client = find(session);
    return client && client->reads && client->reads->number == number ? client : nullptr;
}

void forgetRoom(Reads& reads, ConversationKey room) {
    std::shared_ptr<const HistoryViewer> before;
    std::shared_ptr<const HistoryViewer> after;
    for (auto& read : reads.waiting) {
        if (read.viewer != before) {  // those asked in a row share one
            HistoryViewer viewer = *read.viewer;
            std::erase_if(viewer.rooms, [&](const auto& one) { return one.conversation == room; });
            before = read.viewer;
            after = std::make_shared<const HistoryViewer>(std::move(viewer));
        }
        read.viewer = after;
    }
}

void LoopService::dropReads(Client& client) {
    if (!client.reads) return;
    shared_.readsWaiting.fetch_sub(static_cast<std::int64_t>(client.reads->waiting.size()),
                                   std::memory_order_relaxed);
    client.reads.reset();
}

}  // namespace parley
