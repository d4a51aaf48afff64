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
std::string text(SQLite::Statement& row, int index) {
    const auto column = row.getColumn(index);
    return {static_cast<const char*>(column.getBlob()),
            static_cast<std::size_t>(column.getBytes())};
}

template <std::size_t N>
std::optional<std::array<std::uint8_t, N>> bytes(SQLite::Statement& row, int index) {
    const auto column = row.getColumn(index);
    if (column.isNull() || column.getBytes() != static_cast<int>(N)) return std::nullopt;
    std::array<std::uint8_t, N> out;
    const auto* from = static_cast<const std::uint8_t*>(column.getBlob());
    std::copy_n(from, N, out.begin());
    return out;
}

Result<Event> asWritten(SQLite::Statement& row) {
    Event event;
    event.position = {row.getColumn(kPosition).getInt64()};
    event.conversationKey = {row.getColumn(kConversationKey).getInt64()};
    event.conversation = ConversationId::fromStored(text(row, kConversation));
    event.seq = {row.getColumn(kSeq).getInt64()};
    PARLEY_TRY_ASSIGN(event.type, typeOf(row.getColumn(kType).getInt(), event.position));
    event.version = row.getColumn(kVersion).getUInt();
    event.at = {row.getColumn(kAt).getInt64()};
    event.actorKey = {row.getColumn(kActorKey).getInt64()};
    event.actor = UserId::fromStored(text(row, kActor));
    event.role = enumColumn<UserRole>(row, kRole);
    event.id = uuidColumn(row, kId).value_or(Uuid{});
    event.messageType = enumColumn<MessageType>(row, kMessageType);
    event.toRole = enumColumn<UserRole>(row, kToRole);
    event.visible = enumColumn<bool>(row, kVisible);
    if (!row.getColumn(kClientMessageId).isNull()) {
        event.clientMessageId = ClientMessageId::fromStored(text(row, kClientMessageId));
    }
    event.original = uuidColumn(row, kOriginal);
    if (!row.getColumn(kCause).isNull()) event.cause = text(row, kCause);
    event.data = text(row, kData);
    if (!row.getColumn(kContent).isNull()) event.content = text(row, kContent);
    event.fingerprint = fingerprintOf(digestColumn(row, kHash).value_or(Digest{}));
    return event;
}

}  // namespace

const std::string kSelect =
    "SELECT e.position, e.conversation, c.id, e.seq, e.type, e.version, e.at, e.actor, u.id,"
    " e.role, e.id, e.message_type, e.to_role, e.visible, e.client_message_id, e.original,"
    " e.cause, e.data, e.content, e.key, e.salt, e.commitment, e.hash"
    " FROM event AS e"
    " JOIN conversation_key AS c ON c.key = e.conversation"
    " JOIN user_key AS u ON u.key = e.actor ";

const std::string kSelectMessages =
    kSelect + "WHERE e.conversation = ? AND e.seq < ? AND e.seq > ? AND e.type IN " +
    sqlTypes(EventKind::message) + " ORDER BY e.seq";

Result<Event> currentEvent(SQLite::Statement& row) {
    auto event = asWritten(row);
    if (!event || event->version == currentVersion(event->type)) return event;
    return upcast(std::move(event).value());
}

Result<StoredEvent> storedEvent(SQLite::Statement& row) {
    StoredEvent stored;
    PARLEY_TRY_ASSIGN(stored.event, asWritten(row));
    if (!row.getColumn(kKey).isNull()) stored.key = row.getColumn(kKey).getInt64();
    stored.salt = bytes<16>(row, kSalt);
    stored.commitment = digestColumn(row, kCommitment);
    stored.hash = digestColumn(row, kHash).value_or(Digest{});
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

std::optional<Uuid> uuidColumn(SQLite::Statement& row, int index) {
    const auto found = bytes<16>(row, index);
    return found ? std::optional(Uuid(*found)) : std::nullopt;
}

std::optional<Digest> digestColumn(SQLite::Statement& row, int index) {
    return bytes<32>(row, index);
}

}  // namespace parley::event_row
