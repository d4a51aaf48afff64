#include "app/audit/search.h"

#include "app/audit/ask.h"
#include "app/folder_options.h"

#include <parley/audit/schema.h>
#include <parley/audit/search.h>
#include <parley/core/try.h>
#include <parley/log/read/key_lookup.h>

#include <algorithm>
#include <array>
#include <iostream>

namespace parley::app::audit {
namespace {

using parley::audit::SearchFilters;
using parley::audit::SearchHit;
using parley::audit::SearchPage;
using parley::audit::SearchQuery;

Result<SearchFilters> filtersOf(Source& source, const AuditOptions& options, Position after,
                                Position upTo) {
    SearchFilters filters;
    filters.after = after;
    filters.end = Position{upTo.value + 1};
    std::optional<KeyLookup> keys;
    PARLEY_TRY(source.log().run([&] { keys.emplace(source.log()); }));
    if (const auto id = options.given.find("conversation"); id != options.given.end()) {
        PARLEY_TRY_ASSIGN(filters.conversation, keys->find(ConversationId::fromStored(id->second)));
    }
    if (const auto id = options.given.find("user"); id != options.given.end()) {
        PARLEY_TRY_ASSIGN(filters.author, keys->find(UserId::fromStored(id->second)));
    }
    return filters;
}

void print(RowWriter& rows, const SearchHit& hit, const TimeZone& zone) {
    const Event& message = hit.message;
    const auto at = zone.iso(message.at);
    const auto role = roleName(message.role.value_or(UserRole::customer));
    const std::array<Cell, 7> cells{message.position.value,
                                    std::string_view(at),
                                    std::string_view(message.conversation.str()),
                                    std::string_view(message.actor.str()),
                                    role,
                                    std::int64_t{visibleToEveryCustomer(message) ? 1 : 0},
                                    std::string_view(hit.snippet)};
    rows.row(cells);
}

// Page after page, as a page is bounded.
Result<void> printAll(Source& source, Database& index, const AuditOptions& options,
                      const SearchQuery& query, SearchFilters filters, RowWriter& rows,
                      Statement::Ran& ran) {
    // An operator who may read the files may read all that is in them.
    const parley::audit::SearchSight sight{.viewer = Viewer::of(UserKey{0}, UserRole::supervisor),
                                           .only = {}};
    auto left = options.rowsMax;
    rows.begin({"position", "at", "conversation_id", "from_user_id", "from_role", "is_visible",
                "snippet"});
    for (bool more = true; more && left > 0;) {
        const auto limit = std::min<std::int64_t>(left, parley::audit::kSearchLimitMax);
        PARLEY_TRY_ASSIGN(const SearchPage page,
                          parley::audit::search(source.log(), index, query, filters, sight,
                                                static_cast<int>(limit)));
        for (const auto& hit : page.hits) print(rows, hit, options.zone);
        left -= static_cast<std::int64_t>(page.hits.size());
        ran.rows += static_cast<std::int64_t>(page.hits.size());
        more = page.truncated && !page.hits.empty();
        if (more) filters.before = page.hits.back().message.position;
        ran.hasMore = more;
    }
    rows.end();
    return {};
}

}  // namespace

int search(Source& source, const AuditOptions& options, Position after, Position upTo) {
    const auto query = SearchQuery::parse(textOf(options.given, "words"), "--words");
    if (!query) return fail(query.error(), kExitUsage);
    auto index = Database::openReader(source.auditFile(), parley::audit::schema());
    if (!index) return failed(index.error());
    const auto filters = filtersOf(source, options, after, upTo);
    if (!filters) return failed(filters.error());
    source.startClock();
    (*index)->interruptWhen([&source] { return source.isTimeOver(); });
    return printed(source, options, [&](RowWriter& rows, Statement::Ran& ran) {
        return printAll(source, **index, options, *query, *filters, rows, ran);
    });
}

}  // namespace parley::app::audit
