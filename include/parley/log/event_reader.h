#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// An event with what its row says beyond it: what verification needs.
struct StoredEvent {
    Event event;
    std::optional<std::int64_t> key;
    std::optional<Salt> salt;
    std::optional<Digest> commitment;  ///< only where data or content has been emptied
    Digest hash{};
};

/// A page of a conversation's messages, as the wire asks for it: the newest `limit`, skipping
/// `offset` of them, before `before`; with `after` alone, the first ones after it, so that
/// a reader who pages forward leaves no gap.
struct MessagePage {
    int limit = 50;
    int offset = 0;
    std::optional<Position> before;
    std::optional<Position> after;

    bool forward() const { return after && !before; }
};

/// Takes a message of a page, the next one from where the page begins. False: the page has no room
/// for it, and ends.
using TakeMessage = std::function<bool(const Event&)>;

/// Why a page of messages ended.
enum class PageEnd : std::uint8_t {
    reached,  ///< there are no more
    limit,    ///< it has as many as were asked for
    refused,  ///< the next one was not taken
};

/// What reading a page came to.
struct PageRead {
    PageEnd end = PageEnd::reached;
    int skipped = 0;  ///< of MessagePage::offset
};

/// A stretch of the log: the events asked for, in order, and how far it reaches.
struct EventChunk {
    std::vector<Event> events;
    Position upTo;  ///< nothing more of what was asked for is at or before this position
};

/// What counts for bounds in bytes.
inline std::size_t contentBytes(const Event& event) {
    return event.content ? event.content->size() : 0;
}

/// How a conversation's events lie after one position and up to another.
struct ConversationStretch {
    Seq before;               ///< the last event's before it; 0: none
    std::int64_t events = 0;  ///< how many it has
    Position first;           ///< of its first event, where it has one
};

/// A part of a conversation's events, in order.
struct ConversationRun {
    std::vector<Event> events;
    Seq reached;                   ///< the last event read
    std::optional<Position> next;  ///< of the event after them; nothing: there is none to be read
};

/// The read side of the event log, on one connection. Its thread only. Every call is a short
/// read transaction of its own. An event whose type or version this program does not know is
/// an error, never skipped.
class EventReader {
public:
    /// REQUIRES: `db` has the log's tables and outlives the reader. SQLite's exceptions pass
    /// through (a damaged schema): `open` is for whoever does not know the file yet.
    explicit EventReader(Database& db);
    static Result<std::unique_ptr<EventReader>> open(Database& db);

    /// Up to `limit` events after `after`, in order.
    Result<std::vector<StoredEvent>> read(Position after, int limit);
    /// Calls `each` for the events after `after`, in order, `limit` at most, with the columns that
    /// a fold into the stored views may see, in their type's current version. Returns the position
    /// of the last one; `after` where there was none. One read transaction.
    Result<Position> scan(Position after, int limit,
                          const std::function<void(const FoldableEvent&)>& each);
    /// The next part of a walk over the whole log, beside a server or not: at most
    /// limits::kWalkEvents events and kWalkBytes of payload (but one event at least); empty at
    /// the end. Between two parts call `pauseBetweenReads`.
    Result<std::vector<StoredEvent>> readPart(Position after);
    /// The event of this id, where it is one of this conversation.
    Result<std::optional<Event>> byId(ConversationKey conversation, const Uuid& id);
    /// What this author sent under this clientMessageId.
    Result<std::optional<Event>> byClientMessageId(ConversationKey conversation, UserKey author,
                                                   const ClientMessageId& id);
    /// Hands `take` the messages of a page that `viewer` may see: the newest first, the oldest
    /// first where the page goes forward.
    Result<PageRead> messages(ConversationKey conversation, const MessagePage& page,
                              const Viewer& viewer, const TakeMessage& take);
    /// What `wanted` accepts, after `after` and up to `upTo`. Looks at `rowsMax` rows at most and
    /// stops early when the events grow large, so it may not reach `upTo`.
    Result<EventChunk> chunk(Position after, Position upTo, int rowsMax,
                             const std::function<bool(ConversationKey)>& wanted);
    /// What a conversation has after `after` and up to `upTo`. One look-up where that is nothing.
    Result<ConversationStretch> stretch(ConversationKey conversation, Position after,
                                        Position upTo);
    /// A conversation's events after seq `after`, one at least: those before position `end`, at
    /// most `rowsMax` and about `bytesMax` of content. Nothing after `upTo` is read or told of.
    Result<ConversationRun> run(ConversationKey conversation, Seq after, Position end,
                                Position upTo, int rowsMax, std::size_t bytesMax);
    /// How many events a conversation has after `after` and up to `upTo`.
    Result<std::int64_t> countBetween(ConversationKey conversation, Position after, Position upTo);
    /// A conversation's first `limit` events.
    Result<std::vector<Event>> firstOf(ConversationKey conversation, int limit);
    /// The messages after `after` that `viewer` may see: the last of them, oldest first, within
    /// the limits for what is told with a `conflict` (limits.h). `more`: there are earlier ones.
    Result<std::vector<Event>> missed(ConversationKey conversation, Seq after, const Viewer& viewer,
                                      bool& more);
    /// Where typing has begun and not ended within `window` of the log's time before its end: the
    /// events that began it, in order.
    Result<std::vector<Event>> openTyping(std::chrono::milliseconds window);
    /// The number of a text, where it has one.
    Result<std::optional<ConversationKey>> find(const ConversationId& id);
    Result<std::optional<UserKey>> find(const UserId& id);
    /// The last event's position; 0 for an empty log.
    Result<Position> head();
    /// Whether the event at `position` is the one of this fingerprint; also no when there is none.
    Result<bool> has(Position position, const Fingerprint& fingerprint);
    /// A conversation's last seq; 0 when it has no event.
    Result<Seq> lastSeq(ConversationKey conversation);

private:
    Result<std::vector<StoredEvent>> range(Position after, int limit, std::size_t bytesMax);
    Result<std::optional<Event>> one(SQLite::Statement& statement);
    std::int64_t lastSeqOf(ConversationKey conversation);
    Position positionOf(ConversationKey conversation, std::int64_t seq);
    bool isBefore(ConversationKey conversation, std::int64_t seq, Position position);
    Seq seqBefore(ConversationKey conversation, Position position);
    EventChunk take(SQLite::Statement& rows, Position after, Position upTo, int rowsMax,
                    const std::function<bool(ConversationKey)>& wanted);

    Database& db_;
    SQLite::Statement range_;
    SQLite::Statement byId_;
    SQLite::Statement byClientMessageId_;
    SQLite::Statement page_;
    SQLite::Statement pageForward_;
    SQLite::Statement conversationRange_;
    SQLite::Statement positionOf_;
    SQLite::Statement conversationKey_;
    SQLite::Statement userKey_;
    SQLite::Statement head_;
    SQLite::Statement hash_;
    SQLite::Statement lastSeq_;
};

/// Leaves the writer a moment without this reader: the WAL can start again from its beginning only
/// while nobody reads an older snapshot, and short reads back to back leave no such moment.
void pauseBetweenReads();

}  // namespace parley
