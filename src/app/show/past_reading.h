#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>
#include <parley/log/read/key_lookup.h>
#include <parley/log/read/message_reader.h>
#include <parley/projection/as_of.h>
#include <parley/projection/past_sight.h>

#include <functional>
#include <optional>

/// What `parley show` reads of a data folder.
namespace parley::app::show_command {

/// What is to be shown.
struct Asked {
    ConversationId conversation;
    std::optional<AsOf> asOf;  ///< nothing: the log's end
    UnixMillis now;
    std::optional<UserId> viewer;  ///< nothing: sees everything
    std::optional<UserRole> role;
};

/// A conversation at a moment, without its messages.
struct Shown {
    ConversationKey key;
    ConversationId id;
    LogMoment moment;
    std::optional<UserId> user;  ///< the viewer that was named
    Viewer viewer;
    std::optional<PastConversation> conversation;  ///< nothing: the viewer saw messages alone
    Position messages;                             ///< up to which they could be seen
};

/// A message, and the position at which it had been shared.
using TakeShown = std::function<void(const Event&, std::optional<Position>)>;

/// Reads in short transactions, with a pause between them: a server may write meanwhile. One
/// thread.
class PastReading {
public:
    /// REQUIRES: `db` has this program's schema and outlives the reading. SQLite's exceptions pass
    /// through.
    explicit PastReading(Database& db);

    /// Refuses with `conversation_not_found` what did not exist, or the viewer could not see; with
    /// `invalid_value` a moment of the future; and as the readers do.
    Result<Shown> read(const Asked& asked);
    /// Hands `take` the messages, the oldest first, while no snapshot is held.
    Result<void> messages(const Shown& shown, const TakeShown& take);

private:
    Result<std::optional<PastSight>> sight(const Asked& asked, ConversationKey key,
                                           const LogMoment& moment);
    Result<LogMoment> moment(const Asked& asked);

    ConversationSeqs seqs_;
    PastEvents events_;
    KeyLookup keys_;
    LogTimes times_;
    MessageReader messages_;
    PastStateReader states_;
};

}  // namespace parley::app::show_command
