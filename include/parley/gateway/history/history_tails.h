#pragma once

#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/read/message_page.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace parley {

/// The newest messages of the active conversations, as the JSON that clients get, so that most
/// reads of history need no database. Each message is added once it is durable and before any
/// client is told of it, so that a read sees all that was acknowledged. Bounded by
/// limits::kHistoryTail*: of a conversation the oldest messages go first, of all conversations
/// those that had a message longest ago. What is not here is read from the log. Empty after a
/// start.
class HistoryTails {
public:
    /// Gives the viewer that reads a conversation, once its key is known; nothing where it may not
    /// read it from here. Called within `page` or
    /// `since`, under a lock: it must not block, and must not call back.
    using ViewerOf = std::function<std::optional<Viewer>(ConversationKey)>;

    /// Adds a message, the conversation's `number`th (from 1, without gaps); after a gap only from
    /// here on. `json` is copied. REQUIRES: positions rise. The thread that publishes
    /// (OutcomeSink).
    void add(const Event& message, std::int64_t number, std::string_view json);

    /// A page as a JSON array, oldest first, without what the viewer may not see. Nothing when it
    /// needs more than is kept, and for pages with `before` or `after`. Any thread.
    std::optional<std::string> page(const ConversationId& conversation, const MessagePage& page,
                                    const ViewerOf& viewerOf);

    /// A message as clients get it.
    struct News {
        Position position;
        std::string json;
    };
    /// The messages after position `after` that the viewer may see, oldest first; none where there
    /// was no message. Nothing when not all of them are kept. Any thread.
    std::optional<std::vector<News>> since(const ConversationId& conversation, Position after,
                                           const ViewerOf& viewerOf) const;

    /// Bytes of JSON that are kept now, for metrics. Any thread.
    std::size_t bytes() const;

private:
    struct Message {
        Position position;
        UserKey author;
        bool visible;
        std::string json;
    };
    struct Tail {
        ConversationId conversation;
        ConversationKey key;
        std::deque<Message> messages;  // numbers firstNumber, firstNumber + 1 ...
        std::int64_t firstNumber = 0;
        std::size_t bytes = 0;
        Position newest;       // of the messages added, kept or not
        Position droppedUpTo;  // messages up to there may be missing here
    };
    using Order = std::list<Tail>;  // most recently added to first
    struct Shard {
        mutable std::mutex mutex;
        Order order;
        std::unordered_map<ConversationId, Order::iterator> index;
        std::size_t bytes = 0;
        Position droppedUpTo;  // the newest message of the tails that were dropped

        Tail& tailOf(const Event& message);
        void dropFirst(Tail& tail);
        void makeRoom();
    };

    // Many locks, so that a loop that copies a page does not hold up the writer.
    static constexpr std::size_t kShards = 16;
    static std::size_t shardOf(const ConversationId& conversation) {
        return std::hash<ConversationId>{}(conversation) % kShards;
    }
    std::array<Shard, kShards> shards_;
};

}  // namespace parley
