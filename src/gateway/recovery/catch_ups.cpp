#include "gateway/recovery/catch_ups.h"

#include "gateway/presence/presence_teller.h"
#include "gateway/recovery/catch_up.h"

#include <parley/core/limits.h>

#include <iterator>
#include <memory>
#include <utility>

namespace parley {
namespace {

// How long a client that does not read, or a full queue of reads, is left alone.
constexpr std::chrono::milliseconds kPause{10};

}  // namespace

void CatchUps::begin(Client& client, const Gap& gap) {
    Presence& presence = client.presence();
    auto catchUp = std::make_unique<CatchUp>(nextNumber_++, gap);
    if (!catchUp->reader->done()) {
        presence.catchUp = std::move(catchUp);
        rooms_.hold(presence.subscriber, true);
    }
    for (const auto& room : gap.rooms) {
        if (!room.until) rooms_.join(presence.subscriber, room.conversation, room.viewer);
    }
    if (gap.dashboardAfter) rooms_.watchDashboard(presence.subscriber, true, gap.presence);
    if (gap.dashboardAfter && gap.presence) client.send(typingNow(shared_.typing));
    if (presence.catchUp) advance(client.connection(), presence.catchUp->number);
}

CatchUp* CatchUps::find(ConnectionId connection, std::uint64_t number) const {
    Client* client = clients_.find(connection);
    CatchUp* catchUp = client ? client->presence().catchUp.get() : nullptr;
    return catchUp && catchUp->number == number ? catchUp : nullptr;
}

// One step on a client's way: send what is ready, else read on, else send what was held, else go
// live. Each step is caused by the one before, so there is one at a time.
void CatchUps::advance(ConnectionId connection, std::uint64_t number) {
    CatchUp* catchUp = find(connection, number);
    if (!catchUp) return;
    if (!sendSome(connection, catchUp->ready)) return advanceLater(connection, number);
    if (!catchUp->reader->done()) return readNext(connection, *catchUp);
    if (!sendSome(connection, catchUp->held)) return advanceLater(connection, number);
    Presence& presence = clients_.find(connection)->presence();
    presence.catchUp.reset();
    rooms_.hold(presence.subscriber, false);
}

void CatchUps::advanceLater(ConnectionId connection, std::uint64_t number) {
    loop_.after(kPause, [this, connection, number] { advance(connection, number); });
}

// Whether all were sent; not when the client has enough to read.
bool CatchUps::sendSome(ConnectionId connection, std::deque<engineio::FramePtr>& frames) {
    auto& sessions = loop_.sessions();
    while (!frames.empty()) {
        if (sessions.backlogBytes(connection) > limits::kReplayBacklogBytesMax) return false;
        sessions.send(connection, frames.front());
        frames.pop_front();
    }
    return true;
}

void CatchUps::readNext(ConnectionId connection, const CatchUp& catchUp) {
    const auto number = catchUp.number;
    auto job = [this, connection, number, reader = catchUp.reader](ReadContext& context) {
        loop_.post([this, connection, number, frames = reader->next(context)]() mutable {
            onRead(connection, number, std::move(frames));
        });
    };
    auto failed = [this, connection, number](const Error& error) {
        loop_.post([this, connection, number, error] { onRead(connection, number, error); });
    };
    const bool taken = shared_.engine->read(std::move(job), ReadOwner::of(connection),
                                            std::move(failed), ReadSize::slice);
    if (!taken) advanceLater(connection, number);
}

// A client whose history cannot be read is closed: it comes back with the cursor it has.
void CatchUps::onRead(ConnectionId connection, std::uint64_t number,
                      Result<std::vector<engineio::FramePtr>> frames) {
    CatchUp* catchUp = find(connection, number);
    if (!catchUp) return;
    if (!frames) return loop_.sessions().close(connection);
    shared_.recoveredEvents.fetch_add(frames->size(), std::memory_order_relaxed);
    std::move(frames->begin(), frames->end(), std::back_inserter(catchUp->ready));
    advance(connection, number);
}

}  // namespace parley
