#include "log/event_row.h"

#include <parley/core/try.h>
#include <parley/log/sql_lists.h>
#include <parley/log/upcast.h>

#include <algorithm>
#include <array>
#include <utility>

namespace parley::event_row {
namespace {

// SQLiteCpp's getString copies twice through a temporary; history reads are hot.
std::string_view text(const SQLite::Column& column) {
    const auto* const bytes = static_cast<const char*>(column.getBlob());
    return {bytes ? bytes : "", static_cast<std::size_t>(column.getBytes())};
}

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> bytes(const SQLite::Column& column) {
    const auto* const from = static_cast<const std::uint8_t*>(column.getBlob());
    if (!from || column.getBytes() != static_cast<int>(N)) return std::nullopt;
    std::array<std::uint8_t, N> out;
    std::copy_n(from, N, out.begin());
    return out;
}

void readContent(const SQLite::Column& column, std::optional<std::string>& content) {
    if (column.isNull()) {
        content.reset();
    } else if (content) {
        content->assign(text(column));
    } else {
        content.emplace(text(column));
    }
}

Result<void> readFields(const StoredColumns& row, Event& event) {
    event.position = {row[kPosition].getInt64()};
    event.conversationKey = {row[kConversationKey].getInt64()};
    event.seq = {row[kSeq].getInt64()};
    PARLEY_TRY_ASSIGN(event.type, typeOf(row[kType].getInt(), event.position));
    event.version = row[kVersion].getUInt();
    event.at = {row[kAt].getInt64()};
    event.actorKey = {row[kActorKey].getInt64()};
    event.role = enumColumn<UserRole>(row[kRole]);
    event.id = uuidColumn(row[kId]).value_or(Uuid{});
    event.messageType = enumColumn<MessageType>(row[kMessageType]);
    event.toRole = enumColumn<UserRole>(row[kToRole]);
    event.visible = enumColumn<bool>(row[kVisible]);
    event.clientMessageId.reset();
    if (!row[kClientMessageId].isNull()) {
        event.clientMessageId =
            ClientMessageId::fromStored(std::string(text(row[kClientMessageId])));
    }
    event.original = uuidColumn(row[kOriginal]);
    event.cause.assign(text(row[kCause]));
    event.data.assign(text(row[kData]));
    readContent(row[kContent], event.content);
    event.fingerprint = fingerprintOf(bytes<32>(row[kHash]).value_or(Digest{}));
    return {};
}

void readIds(const StoredColumns& row, Event& event) {
    event.conversation = ConversationId::fromStored(std::string(text(row[kConversation])));
    event.actor = UserId::fromStored(std::string(text(row[kActor])));
}

std::string selected(const std::string& conversation, const std::string& actor) {
    return "SELECT e.position, e.conversation, " + conversation +
           ", e.seq, e.type, e.version, e.at, e.actor, " + actor +
           ", e.role, e.id, e.message_type, e.to_role, e.visible, e.client_message_id, e.original,"
           " e.cause, e.data, e.content, e.key, e.salt, e.commitment, e.hash FROM event AS e ";
}

}  // namespace

const std::string kSelectWithoutIds = selected("NULL", "NULL");

const std::string kSelect = selected("c.id", "u.id") +
                            " JOIN conversation_key AS c ON c.key = e.conversation"
                            " JOIN user_key AS u ON u.key = e.actor ";

const std::string kSelectMessages =
    kSelect + "WHERE e.conversation = ? AND e.seq < ? AND e.seq > ? AND e.type IN " +
    sqlTypes(EventKind::message) + " ORDER BY e.seq";

Result<Event> currentEvent(SQLite::Statement& row) {
    const auto columns = storedColumns(row);
    Event event;
    PARLEY_TRY(readFields(columns, event));
    readIds(columns, event);
    if (event.version == currentVersion(event.type)) return event;
    return upcast(std::move(event));
}

StoredColumns storedColumns(SQLite::Statement& row) {
    return row.getColumns<StoredColumns, kColumnCount>();
}

Result<void> readStored(const StoredColumns& row, StoredEvent& stored) {
    PARLEY_TRY(readFields(row, stored.event));
    stored.key.reset();
    if (!row[kKey].isNull()) stored.key = row[kKey].getInt64();
    stored.salt = bytes<16>(row[kSalt]);
    stored.commitment = bytes<32>(row[kCommitment]);
    stored.hash = bytes<32>(row[kHash]).value_or(Digest{});
    return {};
}

Result<StoredEvent> storedEvent(SQLite::Statement& row) {
    const auto columns = storedColumns(row);
    StoredEvent stored;
    PARLEY_TRY(readStored(columns, stored));
    readIds(columns, stored.event);
    return stored;
}

bool everyCustomerSees(SQLite::Statement& row) {
    return visibleToEveryCustomer(enumColumn<bool>(row, kVisible));
}

bool isShown(SQLite::Statement& row, const Viewer& viewer) {
    return visible(everyCustomerSees(row), {row.getColumn(kActorKey).getInt64()}, viewer);
}

Result<EventType> typeOf(int stored, Position position) {
    if (const auto type = eventTypeOf(stored)) return *type;
    return Error{ErrorCode::storage_damaged, "event " + std::to_string(position.value) +
                                                 " has type " + std::to_string(stored) +
                                                 ", which this program does not know"};
}

std::optional<Uuid> uuidColumn(const SQLite::Column& column) {
    const auto found = bytes<16>(column);
    return found ? std::optional(Uuid(*found)) : std::nullopt;
}

std::optional<Uuid> uuidColumn(SQLite::Statement& row, int index) {
    return uuidColumn(row.getColumn(index));
}

std::optional<Digest> digestColumn(SQLite::Statement& row, int index) {
    return bytes<32>(row.getColumn(index));
}

}  // namespace parley::event_row
