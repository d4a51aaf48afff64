#pragma once

#include <parley/core/ids.h>
#include <parley/core/result.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/read/message_page.h>
#include <parley/projection/active_conversations.h>
#include <parley/projection/view_reader.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

enum class ListSort : std::uint8_t {
    created,   ///< the newest start first
    waiting,   ///< those that wait, the longest first; then as `activity`
    activity,  ///< the newest message first
};
enum class ListShow : std::uint8_t { all, waiting, withoutAgent };

/// A place in the order of a list, from which it goes on: the place of a row, not the row. Rows
/// that move meanwhile do not move it.
struct ListPlace {
    /// By what the row of this place was sorted.
    enum class By : std::uint8_t { waiting, activity, created };
    By by = By::created;
    Position position{};  ///< of the message that waits, of the last message, or of the start
    /// Conversations with a later message are not behind this place. `waiting`: where the log ended
    /// when the first page was read, so that what is answered meanwhile does not come twice.
    /// `created` after `activity`: they came before. 2^63 - 1: it says nothing.
    Position upTo{INT64_MAX};

    bool operator==(const ListPlace&) const = default;
};

/// The place as the wire writes it: "w12-4711", "a4000", "c3" or "c3-4000". Pure, as the next one.
std::string textOf(const ListPlace& place);
/// Refuses with `invalid_value` a text that `textOf` does not give, and a place that the order has
/// not.
Result<ListPlace> parseListPlace(std::string_view text, ListSort sort);

/// Which conversations a list is about, in which order, and which page of it.
struct ListRequest {
    ListSort sort = ListSort::created;
    ListShow show = ListShow::all;
    std::string prefix = {};  ///< of the conversation's id or of a participant's; "": all
    int limit = 50;           ///< 1 or more
    int offset = 0;           ///< 0 or more; the cost follows both together
    std::optional<ListPlace> after = {};
    std::optional<ConversationKey> before = {};  ///< those that were started before that one
    ListedConversations listed = {};
    Viewer viewer = {};
    Position head = {};  ///< the log's end
};

/// Where a list ended.
struct ListEnd {
    PageEnd end = PageEnd::reached;
    std::optional<ListPlace> last = {};  ///< of the last row that was taken
};

/// Reads lists of conversations. One thread; short transactions only. Refuses as Database::query
/// does.
class ConversationList {
public:
    using Take = std::function<bool(const ConversationRow&)>;

    /// REQUIRES: `db` has the views; `db` and `views`, of the same connection, outlive this.
    /// SQLite's exceptions pass through.
    ConversationList(Database& db, ViewReader& views);

    /// Hands `take` the conversations of a page as their viewer sees them. Ends early where `take`
    /// returns false: it has no room for the conversation. The row lives until `take` returns,
    /// which must not use the views' reader. `active`: REQUIRES that it has caught up. One
    /// snapshot, if the caller holds it.
    Result<ListEnd> read(const ListRequest& request, const ActiveConversations& active,
                         const Take& take);

private:
    struct Page;
    using PlaceOf = std::function<ListPlace(const ConversationRow&)>;
    Result<PageEnd> fill(const ActiveConversations& active, Page& page);
    Result<PageEnd> waiting(Page& page);
    Result<PageEnd> active(const ActiveConversations& active, Page& page);
    Result<PageEnd> byActivity(Page& page);
    Result<PageEnd> created(Page& page);
    Result<std::optional<PageEnd>> takeRow(SQLite::Statement& rows, Page& page,
                                           const PlaceOf& placeOf);
    Position placeOf(ConversationKey conversation, Seq lastMessage);

    Database& db_;
    ViewReader& views_;
    SQLite::Statement place_;
};

}  // namespace parley
