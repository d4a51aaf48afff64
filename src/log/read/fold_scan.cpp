#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/fold_scan.h>
#include <parley/log/upcast.h>

#include <string>

namespace parley {
namespace {

constexpr int kFoldableColumns = 12;

const std::string kFoldable =
    "position, conversation, type, version, at, actor, role, original, cause, seq, visible,"
    " message_type";

std::string select(const std::string& columns) {
    return "SELECT " + columns + " FROM event WHERE position > ? ORDER BY position LIMIT ?";
}

// Writes over `event`, whose memory is used again from row to row.
template <std::size_t N>
Result<void> readFoldable(const event_row::Columns<N>& row, FoldableEvent& event) {
    static_assert(N >= kFoldableColumns);
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

// `take` gets the columns of the row as well.
template <int kColumns, typename Take>
Result<Position> scan(Database& db, const std::string& sql, Position after, int limit,
                      const Take& take) {
    return db.query([&]() -> Result<Position> {
        SQLite::Statement row(db.sqlite(), sql);
        bindNumbers(row, after.value, limit);
        if (!row.executeStep()) return after;
        const auto columns = row.getColumns<event_row::Columns<kColumns>, kColumns>();
        FoldableEvent event;
        do {
            PARLEY_TRY(readFoldable(columns, event));
            if (!take(event, columns)) break;
        } while (row.executeStep());
        return event.position;
    });
}

std::optional<std::string_view> textIn(const SQLite::Column& content) {
    if (content.isNull()) return std::nullopt;
    const void* text = content.getBlob();  // before its size
    return std::string_view(static_cast<const char*>(text),
                            static_cast<std::size_t>(content.getBytes()));
}

}  // namespace

Result<Position> scanForFold(Database& db, Position after, int limit,
                             const std::function<void(const FoldableEvent&)>& each) {
    static const std::string sql = select(kFoldable);
    return scan<kFoldableColumns>(db, sql, after, limit,
                                  [&](const FoldableEvent& event, const auto&) {
                                      each(event);
                                      return true;
                                  });
}

Result<Position> scanWithTexts(Database& db, Position after, int limit,
                               const TakeEventAndText& take) {
    static const std::string sql = select(kFoldable + ", content");
    return scan<kFoldableColumns + 1>(
        db, sql, after, limit, [&](const FoldableEvent& event, const auto& columns) {
            return take(event,
                        isMessage(event.type) ? textIn(columns[kFoldableColumns]) : std::nullopt);
        });
}

}  // namespace parley
