#include <parley/core/limits.h>
#include <parley/log/event_reader.h>
#include <parley/log/statement_reset.h>

#include <algorithm>
#include <thread>

#include <sqlite3.h>

#include <parley/log/upcast.h>

namespace parley {
namespace {

const std::string kSelect =
    "SELECT e.position, e.conversation, c.id, e.seq, e.type, e.version, e.at, e.actor, u.id,"
    " e.role, e.id, e.message_type, e.to_role, e.visible, e.client_message_id, e.original,"
    " e.cause, e.data, e.content, e.key, e.salt, e.commitment, e.hash"
    " FROM event AS e"
    " JOIN conversation_key AS c ON c.key = e.conversation"
    " JOIN user_key AS u ON u.key = e.actor ";

// SQLiteCpp's getString copies twice through a temporary; history reads are hot.
std::string text(SQLite::Statement& row, int index) {
    const auto column = row.getColumn(index);
    return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
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

template <typename Enum>
std::optional<Enum> number(SQLite::Statement& row, int index) {
    const auto column = row.getColumn(index);
    if (column.isNull()) return std::nullopt;
    return static_cast<Enum>(column.getInt());
}

EventType knownType(int type, Position position) {
    if (type >= 1 && type <= kEventTypeCount) return static_cast<EventType>(type);
    throw SQLite::Exception("event " + std::to_string(position.value) + " has type " +
                                std::to_string(type) + ", which this program does not know",
                            SQLITE_MISMATCH);
}

Event eventOf(SQLite::Statement& row) {
    Event event;
    event.position = {row.getColumn(0).getInt64()};
    event.conversationKey = {row.getColumn(1).getInt64()};
    event.conversation = ConversationId::fromStored(text(row, 2));
    event.seq = {row.getColumn(3).getInt64()};
    event.type = knownType(row.getColumn(4).getInt(), event.position);
    event.version = row.getColumn(5).getUInt();
    event.at = {row.getColumn(6).getInt64()};
    event.actorKey = {row.getColumn(7).getInt64()};
    event.actor = UserId::fromStored(text(row, 8));
    event.role = number<UserRole>(row, 9);
    event.id = uuidColumn(row, 10).value_or(Uuid{});
    event.messageType = number<MessageType>(row, 11);
    event.toRole = number<UserRole>(row, 12);
    event.visible = number<bool>(row, 13);
    if (!row.getColumn(14).isNull()) {
        event.clientMessageId = ClientMessageId::fromStored(text(row, 14));
    }
    event.original = uuidColumn(row, 15);
    if (!row.getColumn(16).isNull()) event.cause = text(row, 16);
    event.data = text(row, 17);
    if (!row.getColumn(18).isNull()) event.content = text(row, 18);
    event.fingerprint = fingerprintOf(digestColumn(row, 22).value_or(Digest{}));
    return event;
}

Event current(SQLite::Statement& row) {
    auto event = upcast(eventOf(row));
    if (!event) throw SQLite::Exception(event.error().message, SQLITE_MISMATCH);
    return std::move(event).value();
}

StoredEvent storedOf(SQLite::Statement& row) {
    StoredEvent stored;
    stored.event = eventOf(row);  // as stored: hashes are over what was written
    if (!row.getColumn(19).isNull()) stored.key = row.getColumn(19).getInt64();
    stored.salt = bytes<16>(row, 20);
    stored.commitment = digestColumn(row, 21);
    stored.hash = digestColumn(row, 22).value_or(Digest{});
    return stored;
}

}  // namespace

std::optional<Uuid> uuidColumn(SQLite::Statement& row, int index) {
    const auto found = bytes<16>(row, index);
    return found ? std::optional(Uuid(*found)) : std::nullopt;
}

std::optional<Digest> digestColumn(SQLite::Statement& row, int index) {
    return bytes<32>(row, index);
}

EventReader::EventReader(Database& db)
    : db_(db),
      range_(db.sqlite(), kSelect + "WHERE e.position > ? ORDER BY e.position LIMIT ?"),
      byId_(db.sqlite(), kSelect + "WHERE e.id = ? AND e.conversation = ?"),
      byClientMessageId_(db.sqlite(),
                         kSelect +
                             "WHERE e.conversation = ? AND e.actor = ? AND e.client_message_id = ?"),
      page_(db.sqlite(), kSelect +
                             "WHERE e.conversation = ? AND e.seq < ? AND e.seq > ?"
                             " AND e.type IN (4, 7) ORDER BY e.seq DESC"),
      pageForward_(db.sqlite(), kSelect +
                                    "WHERE e.conversation = ? AND e.seq < ? AND e.seq > ?"
                                    " AND e.type IN (4, 7) ORDER BY e.seq"),
      conversationRange_(db.sqlite(), kSelect +
                                          "WHERE e.conversation = ? AND e.seq > ?"
                                          " ORDER BY e.seq LIMIT ?"),
      positionOf_(db.sqlite(), "SELECT position FROM event WHERE conversation = ? AND seq = ?"),
      conversationKey_(db.sqlite(), "SELECT key FROM conversation_key WHERE id = ?"),
      userKey_(db.sqlite(), "SELECT key FROM user_key WHERE id = ?"),
      head_(db.sqlite(), "SELECT coalesce(max(position), 0) FROM event"),
      hash_(db.sqlite(), "SELECT hash FROM event WHERE position = ?"),
      lastSeq_(db.sqlite(), "SELECT coalesce(max(seq), 0) FROM event WHERE conversation = ?") {}

Result<std::unique_ptr<EventReader>> EventReader::open(Database& db) {
    std::unique_ptr<EventReader> reader;
    auto opened = db.run([&] { reader = std::make_unique<EventReader>(db); });
    if (!opened) return opened.error();
    return reader;
}

void pauseBetweenReads() {
    std::this_thread::sleep_for(limits::kBetweenReads);
}

Result<std::vector<StoredEvent>> EventReader::read(Position after, int limit) {
    return range(after, limit, SIZE_MAX);
}

Result<std::vector<StoredEvent>> EventReader::readPart(Position after) {
    return range(after, limits::kWalkEvents, limits::kWalkBytes);
}

Result<std::vector<StoredEvent>> EventReader::range(Position after, int limit,
                                                    std::size_t bytesMax) {
    std::vector<StoredEvent> events;
    std::size_t payloadBytes = 0;
    auto done = db_.run([&] {
        StatementReset guard(range_);
        range_.bind(1, after.value);
        range_.bind(2, limit);
        while (payloadBytes < bytesMax && range_.executeStep()) {
            events.push_back(storedOf(range_));
            const auto& event = events.back().event;
            payloadBytes += event.data.size() + (event.content ? event.content->size() : 0);
        }
    });
    if (!done) return done.error();
    return events;
}

Result<Position> EventReader::scan(const std::function<void(const Event&)>& each) {
    Event event;
    auto done = db_.run([&] {
        SQLite::Statement row(db_.sqlite(),
                              "SELECT position, conversation, type, version, at, actor, role,"
                              " original FROM event ORDER BY position");
        while (row.executeStep()) {
            event.position = {row.getColumn(0).getInt64()};
            event.conversationKey = {row.getColumn(1).getInt64()};
            event.type = knownType(row.getColumn(2).getInt(), event.position);
            event.version = row.getColumn(3).getUInt();
            event.at = {row.getColumn(4).getInt64()};
            event.actorKey = {row.getColumn(5).getInt64()};
            event.role = number<UserRole>(row, 6);
            event.original = uuidColumn(row, 7);
            if (event.version == currentVersion(event.type)) {
                each(event);
                continue;
            }
            const auto current = upcast(event);
            if (!current) throw SQLite::Exception(current.error().message, SQLITE_MISMATCH);
            each(*current);
        }
    });
    if (!done) return done.error();
    return event.position;
}

Result<std::optional<Event>> EventReader::one(SQLite::Statement& statement) {
    std::optional<Event> event;
    auto done = db_.run([&] {
        if (statement.executeStep()) event = current(statement);
    });
    if (!done) return done.error();
    return event;
}

Result<std::optional<Event>> EventReader::byId(ConversationKey conversation, const Uuid& id) {
    StatementReset guard(byId_);
    byId_.bindNoCopy(1, id.bytes().data(), static_cast<int>(id.bytes().size()));
    byId_.bind(2, conversation.value);
    return one(byId_);
}

Result<std::optional<Event>> EventReader::byClientMessageId(ConversationKey conversation,
                                                            UserKey author,
                                                            const ClientMessageId& id) {
    StatementReset guard(byClientMessageId_);
    byClientMessageId_.bind(1, conversation.value);
    byClientMessageId_.bind(2, author.value);
    byClientMessageId_.bindNoCopy(3, id.str());
    return one(byClientMessageId_);
}

std::int64_t EventReader::lastSeqOf(ConversationKey conversation) {
    StatementReset guard(lastSeq_);
    lastSeq_.bind(1, conversation.value);
    return lastSeq_.executeStep() ? lastSeq_.getColumn(0).getInt64() : 0;
}

bool EventReader::isBefore(ConversationKey conversation, std::int64_t seq, Position position) {
    StatementReset guard(positionOf_);
    positionOf_.bind(1, conversation.value);
    positionOf_.bind(2, seq);
    return positionOf_.executeStep() && positionOf_.getColumn(0).getInt64() < position.value;
}

// Positions are global and seqs dense within a conversation; both grow together. Mostly the place
// is near the end: from there in steps that double, then by halves.
Seq EventReader::seqBefore(ConversationKey conversation, Position position) {
    std::int64_t notBefore = lastSeqOf(conversation) + 1;
    std::int64_t before = notBefore - 1;
    for (std::int64_t step = 1; before > 0 && !isBefore(conversation, before, position);
         step *= 2) {
        notBefore = before;
        before = std::max<std::int64_t>(before - step, 0);
    }
    while (notBefore - before > 1) {
        const std::int64_t middle = before + (notBefore - before) / 2;
        (isBefore(conversation, middle, position) ? before : notBefore) = middle;
    }
    return {before};
}

Result<std::vector<Event>> EventReader::messages(ConversationKey conversation,
                                                 const MessagePage& page, const Viewer& viewer) {
    std::vector<Event> events;
    auto done = db_.run([&] {
        std::int64_t seqEnd = INT64_MAX;
        std::int64_t seqStart = 0;
        if (page.before) seqEnd = seqBefore(conversation, *page.before).value + 1;
        if (page.after) seqStart = seqBefore(conversation, {page.after->value + 1}).value;
        auto& rows = page.forward() ? pageForward_ : page_;
        StatementReset guard(rows);
        rows.bind(1, conversation.value);
        rows.bind(2, seqEnd);
        rows.bind(3, seqStart);
        int skip = page.offset;
        while (static_cast<int>(events.size()) < page.limit && rows.executeStep()) {
            const bool shown = visible(rows.getColumn(13).getInt() != 0,
                                       UserKey{rows.getColumn(7).getInt64()}, viewer);
            if (!shown || skip-- > 0) continue;
            events.push_back(current(rows));
        }
    });
    if (!done) return done.error();
    if (!page.forward()) std::reverse(events.begin(), events.end());
    return events;
}

// `rows` gives rowsMax rows at most, all after `after`, in order.
EventChunk EventReader::take(SQLite::Statement& rows, Position after, Position upTo, int rowsMax,
                             const std::function<bool(ConversationKey)>& wanted) {
    EventChunk chunk{{}, after};
    std::size_t bytes = 0;
    for (int seen = 0; seen < rowsMax; ++seen) {
        if (!rows.executeStep()) {
            chunk.upTo = upTo;
            break;
        }
        const Position position{rows.getColumn(0).getInt64()};
        if (position > upTo) {
            chunk.upTo = upTo;
            break;
        }
        const auto type = static_cast<EventType>(rows.getColumn(4).getInt());
        if (!isTyping(type) && wanted({rows.getColumn(1).getInt64()})) {
            chunk.events.push_back(current(rows));
            bytes += chunk.events.back().content.value_or("").size();
        }
        chunk.upTo = position;
        if (bytes > limits::kReplayChunkBytes) break;
    }
    return chunk;
}

Result<EventChunk> EventReader::chunk(Position after, Position upTo, int rowsMax,
                                      const std::function<bool(ConversationKey)>& wanted) {
    EventChunk chunk;
    auto done = db_.run([&] {
        StatementReset guard(range_);
        range_.bind(1, after.value);
        range_.bind(2, rowsMax);
        chunk = take(range_, after, upTo, rowsMax, wanted);
    });
    if (!done) return done.error();
    return chunk;
}

Result<EventChunk> EventReader::chunk(ConversationKey conversation, Position after, Position upTo,
                                      int rowsMax) {
    EventChunk chunk;
    auto done = db_.run([&] {
        const Seq before = seqBefore(conversation, {after.value + 1});
        StatementReset guard(conversationRange_);
        conversationRange_.bind(1, conversation.value);
        conversationRange_.bind(2, before.value);
        conversationRange_.bind(3, rowsMax);
        chunk =
            take(conversationRange_, after, upTo, rowsMax, [](ConversationKey) { return true; });
    });
    if (!done) return done.error();
    return chunk;
}

Result<std::int64_t> EventReader::countBetween(ConversationKey conversation, Position after,
                                               Position upTo) {
    std::int64_t count = 0;
    auto done = db_.run([&] {
        count = seqBefore(conversation, {upTo.value + 1}).value -
                seqBefore(conversation, {after.value + 1}).value;
    });
    if (!done) return done.error();
    return count;
}

Result<std::vector<Event>> EventReader::firstOf(ConversationKey conversation, int limit) {
    std::vector<Event> events;
    auto done = db_.run([&] {
        StatementReset guard(conversationRange_);
        conversationRange_.bind(1, conversation.value);
        conversationRange_.bind(2, 0);
        conversationRange_.bind(3, limit);
        while (conversationRange_.executeStep()) events.push_back(current(conversationRange_));
    });
    if (!done) return done.error();
    return events;
}

Result<std::vector<Event>> EventReader::missed(ConversationKey conversation, Seq after,
                                               const Viewer& viewer, bool& more) {
    auto last = lastSeq(conversation);
    if (!last) return last.error();
    const Seq from{std::max(after.value, last->value - limits::kMissedSeqsMax)};
    more = from > after;
    std::vector<Event> events;
    auto done = db_.run([&] {
        StatementReset guard(page_);
        page_.bind(1, conversation.value);
        page_.bind(2, INT64_MAX);
        page_.bind(3, from.value);
        std::size_t bytes = 0;
        while (page_.executeStep()) {
            const bool shown = visible(page_.getColumn(13).getInt() != 0,
                                       UserKey{page_.getColumn(7).getInt64()}, viewer);
            if (!shown) continue;
            bytes += static_cast<std::size_t>(page_.getColumn(18).getBytes());
            const bool full = events.size() == limits::kMissedMessagesMax ||
                              (!events.empty() && bytes > limits::kMissedBytesMax);
            if (full) {
                more = true;
                break;
            }
            events.push_back(current(page_));
        }
    });
    if (!done) return done.error();
    std::reverse(events.begin(), events.end());
    return events;
}

Result<std::optional<ConversationKey>> EventReader::find(const ConversationId& id) {
    std::optional<ConversationKey> key;
    auto done = db_.run([&] {
        StatementReset guard(conversationKey_);
        conversationKey_.bindNoCopy(1, id.str());
        if (conversationKey_.executeStep()) key = {{conversationKey_.getColumn(0).getInt64()}};
    });
    if (!done) return done.error();
    return key;
}

Result<std::optional<UserKey>> EventReader::find(const UserId& id) {
    std::optional<UserKey> key;
    auto done = db_.run([&] {
        StatementReset guard(userKey_);
        userKey_.bindNoCopy(1, id.str());
        if (userKey_.executeStep()) key = {{userKey_.getColumn(0).getInt64()}};
    });
    if (!done) return done.error();
    return key;
}

Result<Position> EventReader::head() {
    Position head;
    auto done = db_.run([&] {
        StatementReset guard(head_);
        if (head_.executeStep()) head = {head_.getColumn(0).getInt64()};
    });
    if (!done) return done.error();
    return head;
}

Result<bool> EventReader::has(Position position, const Fingerprint& fingerprint) {
    bool same = false;
    auto done = db_.run([&] {
        StatementReset guard(hash_);
        hash_.bind(1, position.value);
        if (!hash_.executeStep()) return;
        const auto hash = digestColumn(hash_, 0);
        same = hash && fingerprintOf(*hash) == fingerprint;
    });
    if (!done) return done.error();
    return same;
}

Result<Seq> EventReader::lastSeq(ConversationKey conversation) {
    Seq last;
    auto done = db_.run([&] { last = {lastSeqOf(conversation)}; });
    if (!done) return done.error();
    return last;
}

}  // namespace parley
