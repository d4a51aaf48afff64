#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/hash_chain.h>
#include <parley/log/read/stored_event.h>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <optional>
#include <string>

/// From a row of the table `event` to an Event. What the program does not know is refused as
/// `storage_damaged`. Everything here throws SQLite::Exception: call it in Database::query.
namespace parley::event_row {

/// The beginning of every query for whole events: append a condition on `e`.
extern const std::string kSelect;
/// Likewise for readStored alone: without the texts of the two ids, which are NULL.
extern const std::string kSelectWithoutIds;
/// The query for a conversation's messages before one seq and after another, in their order: bind
/// the conversation and both. Append " DESC" for the newest first.
extern const std::string kSelectMessages;

/// What kSelect selects, in its order.
enum Column : int {
    kPosition,
    kConversationKey,
    kConversation,
    kSeq,
    kType,
    kVersion,
    kAt,
    kActorKey,
    kActor,
    kRole,
    kId,
    kMessageType,
    kToRole,
    kVisible,
    kClientMessageId,
    kOriginal,
    kCause,
    kData,
    kContent,
    kKey,
    kSalt,
    kCommitment,
    kHash,
    kColumnCount,
};

/// The columns of a statement's rows. SQLiteCpp counts references whenever it hands one out, which
/// takes longer than reading it: who reads many rows makes them once, at the first.
template <std::size_t N>
using Columns = std::array<SQLite::Column, N>;

using StoredColumns = Columns<kColumnCount>;
/// Those of the row that the statement stands on, and of each one after it.
StoredColumns storedColumns(SQLite::Statement& row);
/// Writes the event as it was written, but for the texts of its two ids, over `stored`, whose
/// memory is used again.
Result<void> readStored(const StoredColumns& row, StoredEvent& stored);

/// The event as this program understands it: older versions upcast.
Result<Event> currentEvent(SQLite::Statement& row);
/// The event as it was written, which is what its hash is over.
Result<StoredEvent> storedEvent(SQLite::Statement& row);
/// Whether every customer may see it, and whether `viewer` may, without reading the rest of it.
bool everyCustomerSees(SQLite::Statement& row);
bool isShown(SQLite::Statement& row, const Viewer& viewer);

/// Refuses a type that this program does not know.
Result<EventType> typeOf(int stored, Position position);
/// Columns of 16 and 32 bytes; nothing when NULL or of another size.
std::optional<Uuid> uuidColumn(const SQLite::Column& column);
std::optional<Uuid> uuidColumn(SQLite::Statement& row, int index);
std::optional<Digest> digestColumn(SQLite::Statement& row, int index);
/// Of an enumeration or bool, stored as its number; nothing when NULL.
template <typename Enum>
std::optional<Enum> enumColumn(const SQLite::Column& column) {
    if (column.isNull()) return std::nullopt;
    return static_cast<Enum>(column.getInt());
}
template <typename Enum>
std::optional<Enum> enumColumn(SQLite::Statement& row, int index) {
    return enumColumn<Enum>(row.getColumn(index));
}

}  // namespace parley::event_row
