#pragma once

#include <parley/audit/search_query.h>
#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley::audit {

/// Among which messages is searched. The numbers are the log's.
struct SearchFilters {
    std::optional<ConversationKey> conversation;
    std::optional<UserKey> author;
    Position after;  ///< only later messages; 0: all
    std::optional<Position>
        before;                   ///< only earlier messages: where the page before this one ended
    std::optional<Position> end;  ///< only earlier messages, on any page; the total's too
};

/// A conversation that somebody may read.
struct Readable {
    ConversationKey conversation;
    std::optional<Position> upTo;  ///< nothing later than this; nothing: all of it
    /// Who else must be able to see a message of it; nothing: nobody.
    std::optional<Viewer> eyes;
};

/// What somebody who searches may see.
struct SearchSight {
    Viewer viewer;
    /// Nothing: every conversation. Sorted by conversation, each at most once.
    std::optional<std::vector<Readable>> only;
};

/// A message that was found.
struct SearchHit {
    Event message;
    std::string snippet;  ///< the part of its content around what was found, as plain text
};

/// What a search found: the newest first.
struct SearchPage {
    std::vector<SearchHit> hits;
    bool truncated = false;  ///< there are more, before the last hit
    /// How many there are on all pages; nothing for customers and those who may not see every
    /// conversation, as the number would tell what they may not know, and where there are more than
    /// kSearchTotalMax.
    std::optional<std::int64_t> total;
    Position upTo;  ///< the last position that was searched
};

inline constexpr int kSearchLimitMax = 100;
inline constexpr std::int64_t kSearchTotalMax = 1000;

/// Searches the messages of a log by the index in `audit`, its audit.db, and takes them from `log`:
/// each hit is checked there again, so that nobody is shown what they may not see, whatever the
/// index says. Messages that were emptied are not found. Refuses as Database::query does on either,
/// `read_timeout` included. REQUIRES: `limit` is 1 to kSearchLimitMax; both have their schema. The
/// thread of both connections.
Result<SearchPage> search(Database& log, Database& audit, const SearchQuery& query,
                          const SearchFilters& filters, const SearchSight& sight, int limit);

}  // namespace parley::audit
