#include "log/event_row.h"

#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/domain/lifecycle/lifecycle.h>
#include <parley/log/execute.h>
#include <parley/log/read/missed_events.h>
#include <parley/log/read/stored_event.h>
#include <parley/log/statement_reset.h>

#include <utility>

namespace parley {
namespace {

Position positionOf(SQLite::Statement& row) {
    return {row.getColumn(event_row::kPosition).getInt64()};
}

bool isSeen(SQLite::Statement& row, const Viewers& viewers) {
    return viewers.see({row.getColumn(event_row::kConversationKey).getInt64()},
                       event_row::everyCustomerSees(row),
                       {row.getColumn(event_row::kActorKey).getInt64()});
}

}  // namespace

MissedEvents::MissedEvents(Database& db)
    : db_(db),
      afterPosition_(db.sqlite(),
                     event_row::kSelect + "WHERE e.position > ? ORDER BY e.position LIMIT ?"),
      afterSeq_(db.sqlite(), event_row::kSelect +
                                 "WHERE e.conversation = ? AND e.seq > ? ORDER BY e.seq LIMIT ?") {}

Result<EventChunk> MissedEvents::chunk(Position after, Position upTo, int rowsMax,
                                       const Viewers& viewers) {
    return db_.query([&]() -> Result<EventChunk> {
        EventChunk chunk{{}, after};
        const StatementReset guard(afterPosition_);
        bindNumbers(afterPosition_, after.value, rowsMax);
        std::size_t bytes = 0;
        for (int rows = 0; rows < rowsMax && bytes <= limits::kReplayChunkBytes; ++rows) {
            if (!afterPosition_.executeStep() || positionOf(afterPosition_) > upTo) {
                chunk.upTo = upTo;
                break;
            }
            chunk.upTo = positionOf(afterPosition_);
            if (!isSeen(afterPosition_, viewers)) continue;
            PARLEY_TRY_ASSIGN(auto event, event_row::currentEvent(afterPosition_));
            chunk.events.push_back(std::move(event));
            bytes += contentBytes(chunk.events.back());
        }
        return chunk;
    });
}

Result<ConversationChunk> MissedEvents::chunkOf(ConversationKey conversation, Seq after,
                                                Position end, Position upTo, int rowsMax,
                                                std::size_t bytesMax, const Viewer& viewer) {
    return db_.query([&]() -> Result<ConversationChunk> {
        ConversationChunk chunk{{}, 0, after, {}};
        auto& row = afterSeq_;
        const StatementReset guard(row);
        bindNumbers(row, conversation.value, after.value, static_cast<std::int64_t>(rowsMax) + 1);
        std::size_t bytes = 0;
        while (row.executeStep() && positionOf(row) <= upTo) {
            const bool full = chunk.rows == rowsMax || bytes > bytesMax || positionOf(row) > end;
            if (full && chunk.rows > 0) {
                chunk.next = positionOf(row);
                break;
            }
            ++chunk.rows;
            chunk.reached = {row.getColumn(event_row::kSeq).getInt64()};
            if (!event_row::isShown(row, viewer)) continue;
            PARLEY_TRY_ASSIGN(auto event, event_row::currentEvent(row));
            chunk.events.push_back(std::move(event));
            bytes += contentBytes(chunk.events.back());
        }
        return chunk;
    });
}

Result<std::vector<Event>> MissedEvents::startOf(ConversationKey conversation, const Viewer&) {
    return db_.query([&]() -> Result<std::vector<Event>> {
        std::vector<Event> events;
        const StatementReset guard(afterSeq_);
        bindNumbers(afterSeq_, conversation.value, 0, limits::kInitialParticipantsMax + 2);
        while (afterSeq_.executeStep()) {
            PARLEY_TRY_ASSIGN(auto event, event_row::currentEvent(afterSeq_));
            if (!events.empty() && !belongsToStart(event)) break;
            events.push_back(std::move(event));
        }
        return events;
    });
}

}  // namespace parley
