#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace parley {

/// What the projections' readers ask of the log: facts that no view stores. Every viewer may know
/// them. One thread at a time, that of the connection. Everything throws SQLite::Exception: call it
/// inside Database::query. A statement that the caller has stepped and not reset meanwhile keeps
/// its snapshot: what is read here is then of the same moment.
class PastEvents {
public:
    /// REQUIRES: `db` has the log's tables and outlives this.
    explicit PastEvents(Database& db);

    /// The content of the event that started a conversation: a JSON object with its title and its
    /// description (docs/format/event-log.md). Nothing where it has neither.
    std::optional<std::string> startContent(ConversationKey conversation);
    /// How many messages a conversation has after seq `after`, hidden ones included. The cost
    /// follows the events after it.
    std::int64_t messagesAfter(ConversationKey conversation, Seq after);
    /// The joins of `user` up to seq `upTo`, that one included, since their last leave before it:
    /// of one stay, oldest first. Of the events, only type, position, time and role are set.
    std::vector<FoldableEvent> joinsOfStay(ConversationKey conversation, UserKey user, Seq upTo);

    /// Whether the customer's message `seq` found nobody waiting (domain/answer.h): no earlier one
    /// waits since the last answer, or since the last moment without a customer.
    bool beginsWait(ConversationKey conversation, Seq seq);

private:
    bool tookLastCustomer(ConversationKey conversation, Seq seq);

    SQLite::Statement startContent_;
    SQLite::Statement messagesAfter_;
    SQLite::Statement memberships_;
    SQLite::Statement before_;
    SQLite::Statement everyMembership_;
};

}  // namespace parley
