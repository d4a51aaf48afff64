#include "projection/list_filters.h"

#include <parley/core/try.h>
#include <parley/log/execute.h>
#include <parley/log/read/message_places.h>
#include <parley/projection/conversation_list.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace parley {
namespace {

constexpr std::size_t kEntriesAtOnce = 256;

// Where the last message of a conversation stands, or its start while there is none.
std::string placeSql(const std::string& seq) {
    return sqlPositionOf("c.conversation", "max(1, " + seq + ")");
}

// Of the last message that the viewer may see.
std::string seenPlaceSql(const Viewer& viewer) {
    if (viewer.role() != UserRole::customer) return placeSql("c.last_message_seq");
    return placeSql(
        "c.customer_last_message_seq, coalesce((SELECT last_seq FROM hidden_by_author AS h"
        " WHERE h.conversation = c.conversation AND h.user = :viewer), 0)");
}

// The places of `activity` begin before this one.
Position activityStart(const ListRequest& asked) {
    if (!asked.after) return {INT64_MAX};
    if (asked.after->by == ListPlace::By::activity) return asked.after->position;
    return {asked.after->upTo.value + 1};
}

}  // namespace

/// A page as it fills.
struct ConversationList::Page {
    const ListRequest& asked;
    const Take& take;
    ListFilters filters;
    int skipped = 0;
    int taken = 0;
    Position upTo{INT64_MAX};  // of the conversations that `activity` has left over
    std::unordered_set<std::int64_t> passed{};  // those that it had
    std::optional<ListPlace> last{};
};

ConversationList::ConversationList(Database& db, ViewReader& views)
    : db_(db), views_(views), place_(db.sqlite(), "SELECT " + sqlPositionOf("?1", "?2")) {}

Position ConversationList::placeOf(ConversationKey conversation, Seq lastMessage) {
    const auto seq = std::max<std::int64_t>(1, lastMessage.value);
    return {numberFrom(place_, conversation.value, seq).value_or(0)};
}

// Takes the row at which `rows` stands. Nothing: the page goes on.
Result<std::optional<PageEnd>> ConversationList::takeRow(SQLite::Statement& rows, Page& page,
                                                         const PlaceOf& placeOf) {
    if (page.skipped < page.asked.offset) {
        ++page.skipped;
        return std::optional<PageEnd>();
    }
    PARLEY_TRY_ASSIGN(const auto row, views_.rowOf(rows, page.asked.viewer));
    if (!page.take(row)) return std::optional(PageEnd::refused);
    page.last = placeOf(row);
    if (++page.taken == page.asked.limit) return std::optional(PageEnd::limit);
    return std::optional<PageEnd>();
}

Result<PageEnd> ConversationList::waiting(Page& page) {
    SQLite::Statement rows(db_.sqlite(), ConversationRows::select() +
                                             "WHERE c.waiting_position > :place" +
                                             page.filters.sql() + " ORDER BY c.waiting_position");
    page.filters.bindTo(rows);
    const auto& after = page.asked.after;
    rows.bind(":place", after ? after->position.value : 0);
    const Position upTo = after ? after->upTo : page.asked.head;
    while (rows.executeStep()) {
        const Position place = ConversationRows::waitingPosition(rows);
        PARLEY_TRY_ASSIGN(const auto end, takeRow(rows, page, [&](const ConversationRow&) {
                              return ListPlace{ListPlace::By::waiting, place, upTo};
                          }));
        if (end) return *end;
    }
    return PageEnd::reached;
}

Result<PageEnd> ConversationList::active(const ActiveConversations& active, Page& page) {
    SQLite::Statement row(
        db_.sqlite(),
        ConversationRows::select() + "WHERE c.conversation = :conversation" + page.filters.sql());
    page.filters.bindTo(row);
    Position place = activityStart(page.asked);
    page.upTo = {place.value - 1};
    for (;;) {
        const auto entries = active.before(place, kEntriesAtOnce);
        if (entries.empty()) break;
        for (const auto& entry : entries) {
            place = entry.position;
            page.upTo = {place.value - 1};
            page.passed.insert(entry.conversation.value);
            const StatementReset guard(row);
            row.bind(":conversation", entry.conversation.value);
            if (!row.executeStep()) continue;  // not what is asked for, or not in this snapshot yet
            PARLEY_TRY_ASSIGN(const auto end, takeRow(row, page, [&](const ConversationRow&) {
                                  return ListPlace{ListPlace::By::activity, place};
                              }));
            if (end) return *end;
        }
    }
    page.upTo = std::min(page.upTo, active.completeAfter());
    return PageEnd::reached;
}

// Few enough to be sorted, or somebody's own: then the order is exact however old the messages are,
// and knows only what the viewer may see.
Result<PageEnd> ConversationList::byActivity(Page& page) {
    const auto place = seenPlaceSql(page.asked.viewer);
    SQLite::Statement rows(db_.sqlite(), ConversationRows::select() + "WHERE " + place +
                                             " < :place" + page.filters.sql() + " ORDER BY " +
                                             place + " DESC");
    page.filters.bindTo(rows);
    if (page.asked.viewer.role() == UserRole::customer) {
        rows.bind(":viewer", page.asked.viewer.user().value);
    }
    rows.bind(":place", activityStart(page.asked).value);
    while (rows.executeStep()) {
        PARLEY_TRY_ASSIGN(const auto end, takeRow(rows, page, [&](const ConversationRow& row) {
                              return ListPlace{ListPlace::By::activity,
                                               placeOf(row.state.key, row.figures.lastMessageSeq)};
                          }));
        if (end) return *end;
    }
    return PageEnd::reached;
}

Result<PageEnd> ConversationList::created(Page& page) {
    const auto& after = page.asked.after;
    const bool goesOn = after && after->by == ListPlace::By::created;
    if (goesOn) page.upTo = after->upTo;
    std::string sql = ConversationRows::select() + "WHERE c.conversation < ";
    sql += goesOn ? sqlConversationAt(":place") : ":place";
    SQLite::Statement rows(db_.sqlite(),
                           sql + page.filters.sql() + " ORDER BY c.conversation DESC");
    page.filters.bindTo(rows);
    if (goesOn) {
        rows.bind(":place", after->position.value);
    } else {
        rows.bind(":place", page.asked.before ? page.asked.before->value : INT64_MAX);
    }
    const auto cameBefore = [&](const ConversationKey& conversation) {
        if (page.upTo.value == INT64_MAX) return false;
        if (page.passed.contains(conversation.value)) return true;
        const Seq last{rows.getColumn(5).getInt64()};  // last_message_seq
        return placeOf(conversation, last) > page.upTo;
    };
    while (rows.executeStep()) {
        if (cameBefore({rows.getColumn(0).getInt64()})) continue;
        PARLEY_TRY_ASSIGN(
            const auto end, takeRow(rows, page, [&](const ConversationRow& row) {
                return ListPlace{ListPlace::By::created, placeOf(row.state.key, {1}), page.upTo};
            }));
        if (end) return *end;
    }
    return PageEnd::reached;
}

Result<PageEnd> ConversationList::fill(const ActiveConversations& active, Page& page) {
    using By = ListPlace::By;
    const auto& asked = page.asked;
    if (asked.sort == ListSort::waiting && (!asked.after || asked.after->by == By::waiting)) {
        PARLEY_TRY_ASSIGN(const auto end, waiting(page));
        if (end != PageEnd::reached || asked.show == ListShow::waiting) return end;
    }
    if (asked.sort == ListSort::waiting) page.filters.leaveOutWaiting();
    const bool goesOnCreated = asked.after && asked.after->by == By::created;
    if (asked.sort != ListSort::created && !goesOnCreated) {
        if (page.filters.areNarrow()) return byActivity(page);
        PARLEY_TRY_ASSIGN(const auto end, this->active(active, page));
        if (end != PageEnd::reached) return end;
    }
    return created(page);
}

Result<ListEnd> ConversationList::read(const ListRequest& request,
                                       const ActiveConversations& active, const Take& take) {
    return db_.query([&]() -> Result<ListEnd> {
        Page page{.asked = request, .take = take, .filters = ListFilters(db_.sqlite(), request)};
        PARLEY_TRY_ASSIGN(const auto end, fill(active, page));
        return ListEnd{end, page.last};
    });
}

}  // namespace parley
