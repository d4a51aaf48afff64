#include "audit/search_filter.h"
#include "audit/snippet.h"

#include <parley/audit/search.h>
#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/log_head.h>
#include <parley/log/read/message_lookup.h>

#include <algorithm>
#include <limits>

namespace parley::audit {
namespace {

// More are not asked for by name: their messages are left out one by one.
constexpr std::size_t kConversationsNamedMax = 256;

std::string quoted(const std::string& word) {
    return '"' + word + '"';
}

void add(std::string& conditions, const std::string& condition) {
    if (!conditions.empty()) conditions += " AND ";
    conditions += condition;
}

std::string oneOf(const std::vector<Readable>& conversations) {
    std::string words;
    for (const auto& one : conversations) {
        if (!words.empty()) words += " OR ";
        words += quoted(conversationWord(one.conversation));
    }
    return words;
}

/// What the index can leave out by itself.
std::string filterText(const SearchFilters& filters, const SearchSight& sight) {
    std::string text;
    if (filters.conversation) add(text, quoted(conversationWord(*filters.conversation)));
    if (filters.author) add(text, quoted(authorWord(*filters.author)));
    if (sight.viewer.role() == UserRole::customer) {
        add(text,
            '(' + quoted(kVisibleWord) + " OR " + quoted(authorWord(sight.viewer.user())) + ')');
    }
    if (!filters.conversation && sight.only && sight.only->size() <= kConversationsNamedMax) {
        add(text, '(' + oneOf(*sight.only) + ')');
    }
    return text.empty() ? text : "{filter} : (" + text + ')';
}

bool mayRead(const SearchSight& sight, const Event& message) {
    if (!sight.only) return true;
    const auto found =
        std::ranges::lower_bound(*sight.only, message.conversationKey, {}, &Readable::conversation);
    return found != sight.only->end() && found->conversation == message.conversationKey &&
           (!found->upTo || message.position <= *found->upTo) &&
           (!found->eyes || visible(message, *found->eyes));
}

/// The positions that the index gives, the newest first.
class Candidates {
public:
    Candidates(Database& audit, std::string match, Position after, Position before)
        : match_(std::move(match)),
          rows_(audit.sqlite(),
                "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid > ?2 AND rowid < ?3"
                " ORDER BY rowid DESC") {
        rows_.bindNoCopy(1, match_);
        rows_.bind(2, after.value);
        rows_.bind(3, before.value);
    }
    std::optional<Position> next() {
        if (!rows_.executeStep()) return std::nullopt;
        return Position{rows_.getColumn(0).getInt64()};
    }

private:
    const std::string match_;  // while the statement runs
    SQLite::Statement rows_;
};

// What fails in the index is a failure of `audit`, not of the log.
Result<SearchPage> pageOf(Database& log, Database& audit, Candidates& candidates,
                          const SearchQuery& query, const SearchSight& sight, std::size_t limit) {
    MessageLookup messages(log);
    SearchPage page;
    for (;;) {
        PARLEY_TRY_ASSIGN(const auto position, audit.query([&] { return candidates.next(); }));
        if (!position) break;
        PARLEY_TRY_ASSIGN(auto message, messages.at(*position, sight.viewer));
        if (!message || !mayRead(sight, *message)) continue;
        page.truncated = page.hits.size() == limit;
        if (page.truncated) break;
        auto snippet = snippetOf(*message->content, query.wanted());
        page.hits.push_back({std::move(*message), std::move(snippet)});
    }
    return page;
}

std::optional<std::int64_t> totalOf(Database& audit, const std::string& match, Position after,
                                    Position before) {
    SQLite::Statement count(audit.sqlite(),
                            "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1"
                            " AND rowid > ?2 AND rowid < ?3 LIMIT ?4)");
    count.bindNoCopy(1, match);
    count.bind(2, after.value);
    count.bind(3, before.value);
    count.bind(4, kSearchTotalMax + 1);
    count.executeStep();
    const auto found = count.getColumn(0).getInt64();
    return found > kSearchTotalMax ? std::nullopt : std::optional(found);
}

Position positionIn(Database& audit) {
    return {audit.sqlite().execAndGet("SELECT position FROM follower").getInt64()};
}

}  // namespace

Result<SearchPage> search(Database& log, Database& audit, const SearchQuery& query,
                          const SearchFilters& filters, const SearchSight& sight, int limit) {
    PARLEY_TRY_ASSIGN(const auto held, audit.query([&] { return positionIn(audit); }));
    PARLEY_TRY_ASSIGN(const auto head, readHead(log));
    const Position upTo = std::min(held, head.position);
    const Position behindHead{upTo.value + 1};
    const Position end = std::min(filters.end.value_or(behindHead), behindHead);
    if (sight.only && sight.only->empty()) return SearchPage{.hits = {}, .total = {}, .upTo = upTo};
    const std::string match = query.matchText(filterText(filters, sight));
    const Position before = std::min(filters.before.value_or(end), end);
    PARLEY_TRY_ASSIGN(auto page, audit.query([&]() -> Result<SearchPage> {
        Candidates candidates(audit, match, filters.after, before);
        return log.query([&] {
            return pageOf(log, audit, candidates, query, sight, static_cast<std::size_t>(limit));
        });
    }));
    page.upTo = upTo;
    if (sight.only || sight.viewer.role() == UserRole::customer) return page;
    PARLEY_TRY_ASSIGN(page.total,
                      audit.query([&] { return totalOf(audit, match, filters.after, end); }));
    return page;
}

}  // namespace parley::audit
