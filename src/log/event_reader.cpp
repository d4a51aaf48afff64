#include "log/event_row.h"

#include <parley/core/json.h>
#include <parley/core/limits.h>
#include <parley/log/event_reader.h>
#include <parley/log/sql_lists.h>
#include <parley/log/statement_reset.h>
#include <parley/log/upcast.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

namespace parley {
namespace {

using event_row::kSelect;

const std::string kMessagesBetween =
    "WHERE e.conversation = ? AND e.seq < ? AND e.seq > ? AND e.type IN " +
    sqlTypes(EventKind::message) + " ORDER BY e.seq";

// Of a text as clients are sent it. `scratch`: memory that is used again.
std::size_t encodedBytes(const SQLite::Column& text, std::string& scratch) {
    scratch.clear();
    const auto bytes = static_cast<std::size_t>(text.getBytes());
    appendJsonString(scratch, {text.getText(), bytes});
    return scratch.size();
}

}  // namespace

EventReader::EventReader(Database& db)
    : db_(db),
      range_(db.sqlite(), kSelect + "WHERE e.position > ? ORDER BY e.position LIMIT ?"),
      byId_(db.sqlite(), kSelect + "WHERE e.id = ? AND e.conversation = ?"),
      byClientMessageId_(
          db.sqlite(),
          kSelect + "WHERE e.conversation = ? AND e.actor = ? AND e.client_message_id = ?"),
      page_(db.sqlite(), kSelect + kMessagesBetween + " DESC"),
      pageForward_(db.sqlite(), kSelect + kMessagesBetween),
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
            events.push_back(event_row::storedEvent(range_));
            const auto& event = events.back().event;
            payloadBytes += event.data.size() + contentBytes(event);
        }
    });
    if (!done) return done.error();
    return events;
}

Result<Position> EventReader::scan(Position after, int limit,
                                   const std::function<void(const FoldableEvent&)>& each) {
    return db_.query([&] {
        SQLite::Statement row(db_.sqlite(), event_row::kSelectFoldable +
                                                "WHERE position > ? ORDER BY position LIMIT ?");
        row.bind(1, after.value);
        row.bind(2, limit);
        Position last = after;
        for (FoldableEvent event; row.executeStep(); last = event.position) {
            event_row::readFoldable(row, event);
            each(event);
        }
        return last;
    });
}

Result<std::optional<Event>> EventReader::one(SQLite::Statement& statement) {
    std::optional<Event> event;
    auto done = db_.run([&] {
        if (statement.executeStep()) event = event_row::currentEvent(statement);
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

// Beyond the log where there is no such event.
Position EventReader::positionOf(ConversationKey conversation, std::int64_t seq) {
    StatementReset guard(positionOf_);
    positionOf_.bind(1, conversation.value);
    positionOf_.bind(2, seq);
    return {positionOf_.executeStep() ? positionOf_.getColumn(0).getInt64() : INT64_MAX};
}

bool EventReader::isBefore(ConversationKey conversation, std::int64_t seq, Position position) {
    return positionOf(conversation, seq) < position;
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

Result<PageRead> EventReader::messages(ConversationKey conversation, const MessagePage& page,
                                       const Viewer& viewer, const TakeMessage& take) {
    PageRead read;
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
        for (int taken = 0; read.end == PageEnd::reached && rows.executeStep();) {
            if (!event_row::isShown(rows, viewer)) continue;
            if (read.skipped < page.offset) {
                ++read.skipped;
            } else if (!take(event_row::currentEvent(rows))) {
                read.end = PageEnd::refused;
            } else if (++taken == page.limit) {
                read.end = PageEnd::limit;
            }
        }
    });
    if (!done) return done.error();
    return read;
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
        const Position position{rows.getColumn(event_row::kPosition).getInt64()};
        if (position > upTo) {
            chunk.upTo = upTo;
            break;
        }
        if (wanted({rows.getColumn(event_row::kConversationKey).getInt64()})) {
            chunk.events.push_back(event_row::currentEvent(rows));
            bytes += contentBytes(chunk.events.back());
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

Result<ConversationStretch> EventReader::stretch(ConversationKey conversation, Position after,
                                                 Position upTo) {
    ConversationStretch found;
    auto done = db_.run([&] {
        const Seq end = seqBefore(conversation, {upTo.value + 1});
        if (end.value == 0 || isBefore(conversation, end.value, {after.value + 1})) return;
        found.before = seqBefore(conversation, {after.value + 1});
        found.events = end.value - found.before.value;
        found.first = positionOf(conversation, found.before.value + 1);
    });
    if (!done) return done.error();
    return found;
}

Result<ConversationRun> EventReader::run(ConversationKey conversation, Seq after, Position end,
                                         Position upTo, int rowsMax, std::size_t bytesMax) {
    ConversationRun run{{}, after, {}};
    auto done = db_.run([&] {
        auto& rows = conversationRange_;
        StatementReset guard(rows);
        rows.bind(1, conversation.value);
        rows.bind(2, after.value);
        rows.bind(3, static_cast<std::int64_t>(rowsMax) + 1);
        std::size_t bytes = 0;
        while (rows.executeStep()) {
            const Position position{rows.getColumn(event_row::kPosition).getInt64()};
            if (position > upTo) break;
            const bool full = run.events.size() == static_cast<std::size_t>(rowsMax) ||
                              bytes > bytesMax || position > end;
            if (full && !run.events.empty()) {
                run.next = position;
                break;
            }
            run.events.push_back(event_row::currentEvent(rows));
            bytes += contentBytes(run.events.back());
            run.reached = run.events.back().seq;
        }
    });
    if (!done) return done.error();
    return run;
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
        while (conversationRange_.executeStep()) {
            events.push_back(event_row::currentEvent(conversationRange_));
        }
    });
    if (!done) return done.error();
    return events;
}

Result<std::vector<Event>> EventReader::openTyping(std::chrono::milliseconds window) {
    std::set<std::pair<std::int64_t, std::int64_t>> seen;  // whose last word of typing was read
    std::vector<Event> open;
    auto done = db_.run([&] {
        SQLite::Statement row(db_.sqlite(),
                              "SELECT position, at, type, conversation, actor FROM event"
                              " ORDER BY position DESC");
        std::vector<Position> positions;
        std::optional<std::int64_t> end;
        while (row.executeStep()) {
            const auto at = row.getColumn(1).getInt64();
            if (at < end.value_or(at) - window.count()) break;
            if (!end) end = at;
            const auto type = static_cast<EventType>(row.getColumn(2).getInt());
            if (!isTyping(type)) continue;
            const std::pair who(row.getColumn(3).getInt64(), row.getColumn(4).getInt64());
            if (!seen.insert(who).second || type != EventType::typingStarted) continue;
            positions.push_back({row.getColumn(0).getInt64()});
        }
        for (auto at = positions.rbegin(); at != positions.rend(); ++at) {
            StatementReset guard(range_);
            range_.bind(1, at->value - 1);
            range_.bind(2, 1);
            if (range_.executeStep()) open.push_back(event_row::currentEvent(range_));
        }
    });
    if (!done) return done.error();
    return open;
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
        std::string scratch;
        while (page_.executeStep()) {
            if (!event_row::isShown(page_, viewer)) continue;
            bytes += encodedBytes(page_.getColumn(event_row::kContent), scratch);
            const bool full = events.size() == limits::kMissedMessagesMax ||
                              (!events.empty() && bytes > limits::kMissedBytesMax);
            if (full) {
                more = true;
                break;
            }
            events.push_back(event_row::currentEvent(page_));
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
        const auto hash = event_row::digestColumn(hash_, 0);
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
