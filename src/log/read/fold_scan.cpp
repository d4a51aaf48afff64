#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/fold_scan.h>
#include <parley/log/upcast.h>

namespace parley {
namespace {

constexpr const char* kFoldable =
    "SELECT position, conversation, type, version, at, actor, role, original, cause, seq, visible,"
    " message_type FROM event WHERE position > ? ORDER BY position LIMIT ?";

using Columns = event_row::Columns<12>;

// Writes over `event`, whose memory is used again from row to row.
Result<void> readFoldable(const Columns& row, FoldableEvent& event) {
    event.position = {row[0].getInt64()};
    event.conversationKey = {row[1].getInt64()};
    PARLEY_TRY_ASSIGN(event.type, event_row::typeOf(row[2].getInt(), event.position));
    event.version = row[3].getUInt();
    event.at = {row[4].getInt64()};
    event.actorKey = {row[5].getInt64()};
    event.role = event_row::enumColumn<UserRole>(row[6]);
    event.original = event_row::uuidColumn(row[7]);
    event.cause = row[8].getText();  // "" for NULL
    event.seq = {row[9].getInt64()};
    event.visible = event_row::enumColumn<bool>(row[10]);
    event.messageType = event_row::enumColumn<MessageType>(row[11]);
    return upcastFoldable(event);
}

}  // namespace

Result<Position> scanForFold(Database& db, Position after, int limit,
                             const std::function<void(const FoldableEvent&)>& each) {
    return db.query([&]() -> Result<Position> {
        SQLite::Statement row(db.sqlite(), kFoldable);
        bindNumbers(row, after.value, limit);
        if (!row.executeStep()) return after;
        const auto columns = row.getColumns<Columns, 12>();
        FoldableEvent event;
        do {
            PARLEY_TRY(readFoldable(columns, event));
            each(event);
        } while (row.executeStep());
        return event.position;
    });
}

}  // namespace parley
