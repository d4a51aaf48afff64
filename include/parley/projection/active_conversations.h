#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/message_places.h>

#include <cstddef>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace parley {

/// Which conversations had the last messages: a bounded list in memory, shared by all readers. An
/// index in the database would be rewritten by every message; this list costs the writer nothing,
/// because each reader that asks first reads on in the log from where the last one stopped. Any
/// thread.
class ActiveConversations {
public:
    struct Limits {
        std::size_t conversations = 10'000;  ///< in the list: those that were active last
        /// Of the log that one call looks at. Where it has more that is new, the list begins anew
        /// at the log's end.
        std::int64_t events = 200'000;
    };

    explicit ActiveConversations(Limits limits = {10'000, 200'000}) : limits_(limits) {}

    /// Reads on up to the log's end, `head`, as `db` sees it. What was read counts also where it
    /// refuses: as Database::query does. The thread of `db`.
    Result<void> catchUp(Database& db, Position head);
    /// The conversations whose last message (the start, while there is none) stands before `place`,
    /// the newest first, at most `most`.
    std::vector<MessagePlace> before(Position place, std::size_t most) const;
    /// Every conversation with a place after this one is in the list.
    Position completeAfter() const;

private:
    Result<void> readOn(Database& db, Position head);
    Result<void> readBack(Database& db);
    void note(const MessagePlace& place);
    bool noteOlder(const MessagePlace& place);
    void forgetOldest();

    const Limits limits_;
    mutable std::mutex mutex_;
    std::map<Position, ConversationKey> byPlace_;
    std::unordered_map<ConversationKey, Position> places_;
    Position reached_;        // read up to here
    Position completeAfter_;  // and from the event after this one
};

}  // namespace parley
