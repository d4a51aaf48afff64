#pragma once

#include "app/export/lines.h"

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/read/past_events.h>
#include <parley/log/read/selected_events.h>
#include <parley/projection/past_sight.h>
#include <parley/projection/past_state.h>

#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace parley::app::exports {

/// What is to be exported, as it was asked for.
struct Selection {
    Filters filters;
    Position from{1};                 ///< the first position
    std::optional<Position> through;  ///< the last one; nothing: the head
};

/// The events of a log that were asked for, chunk by chunk, up to its head when this was opened. A
/// server may go on meanwhile. One thread.
class ExportedEvents {
public:
    /// Refuses with `invalid_value` a conversation or user that the log does not know, and a
    /// position beyond the head; otherwise as Database::query does. `db` outlives this.
    static Result<std::unique_ptr<ExportedEvents>> open(Database& db, Selection asked);

    /// What the first line says.
    const Beginning& beginning() const { return beginning_; }
    /// The next events, in order; empty: there are no more.
    Result<std::vector<StoredEvent>> next();
    /// Up to where everything was handed out.
    Position reached() const { return reached_; }
    /// So many events lay in the range but were not the viewer's to see.
    std::int64_t withheld() const { return withheld_; }
    /// Goes on after this event, which was handed out before.
    void skipTo(Position after) { reached_ = after; }

private:
    ExportedEvents(Database& db, Selection asked);
    Result<void> findKeys();
    Result<void> findRange();
    Result<std::vector<StoredEvent>> read();
    Result<void> chooseMore();
    Result<bool> isSeen(const Event& event);
    Result<Mark> markAt(Position position);
    bool isChosen() const { return user_ || !conversations_.empty(); }

    Database& db_;
    Selection selection_;
    Beginning beginning_;
    LogWalk walk_;
    SelectedEvents selected_;
    ConversationSeqs seqs_;
    PastEvents past_;
    PastStateReader states_;

    std::vector<ConversationKey> conversations_;
    std::optional<UserKey> user_;
    UserKey viewer_;  // 0: the log does not know them
    std::unordered_map<ConversationKey, PastSight> sights_;

    Position reached_;
    std::vector<Position> chosen_;  // positions to read, of those asked for by conversation or user
    std::size_t taken_ = 0;         // of them
    Position chosenUpTo_;           // nothing more is to be chosen up to here
    std::int64_t withheld_ = 0;
};

}  // namespace parley::app::exports
