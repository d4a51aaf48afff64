#pragma once

#include <parley/core/result.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/read/message_page.h>
#include <parley/log/read/past_events.h>
#include <parley/projection/conversation_rows.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// A conversation as the REST twin shows it. A value.
struct ConversationRow {
    ConversationState state;
    ConversationFigures figures;             ///< as the viewer may know them
    std::optional<std::string> title;        ///< that it was started with
    std::optional<std::string> description;  ///< likewise
    std::optional<UnixMillis> waitingSince;  ///< a customer waits for an answer (domain/answer.h)
};

/// Which conversations a list is about.
struct ListedConversations {
    std::optional<UserKey> of{};                        ///< only those that this user takes part in
    const std::vector<ConversationId>* only = nullptr;  ///< null: all; outlives the call
};

struct DashboardStats {
    std::int64_t activeConversations = 0;  ///< all that were started: nothing closes one yet
    std::int64_t totalMessages = 0;        ///< hidden and shared ones too
    std::int64_t activeUsers = 0;          ///< users who take part in a conversation, each once
    std::int64_t queuedConversations = 0;  ///< without an agent and without a supervisor
};

/// Reads the projections for clients, through a viewer's eyes. One thread; short transactions only.
/// Refuses as Database::query does: `read_timeout` where the read was cut off.
class ViewReader {
public:
    /// REQUIRES: `db` has the views; `db`, `seqs` and `events`, of the same connection, outlive the
    /// reader. SQLite's exceptions pass through.
    ViewReader(Database& db, ConversationSeqs& seqs, PastEvents& events);

    /// A conversation with title and description, and the figures as `viewer` may know them;
    /// nothing when it has not been started.
    Result<std::optional<ConversationRow>> row(const ConversationId& id, const Viewer& viewer);
    /// The conversation in a row of a query that begins with ConversationRows::select, as `viewer`
    /// sees it. SQLite's exceptions pass through: for readers of lists, inside Database::query.
    Result<ConversationRow> rowOf(SQLite::Statement& row, const Viewer& viewer);
    /// Hands `take` a conversation's participants in the order of joining, each with the position
    /// of the join, from the first join after `after`, until it says false: it has no room. Without
    /// those that `viewer` does not see.
    Result<PageEnd> participants(ConversationKey conversation, const Viewer& viewer, Position after,
                                 const std::function<bool(const Participant&, Position)>& take);
    /// The figures of the dashboard; all 0 while nothing has happened. One row is read, whatever
    /// the log holds. Every viewer sees the same figures.
    Result<DashboardStats> stats(const Viewer&);

private:
    Database& db_;
    PastEvents& events_;
    ConversationRows rows_;
    SQLite::Statement byId_;
    SQLite::Statement participantsAfter_;
    SQLite::Statement stats_;
};

}  // namespace parley
