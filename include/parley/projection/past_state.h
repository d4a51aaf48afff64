#pragma once

#include <parley/core/result.h>
#include <parley/domain/authorize.h>
#include <parley/domain/conversation_state.h>
#include <parley/domain/visibility.h>
#include <parley/log/database.h>
#include <parley/log/read/conversation_scan.h>
#include <parley/log/read/conversation_seqs.h>
#include <parley/log/read/message_page.h>
#include <parley/log/read/metadata_lookup.h>
#include <parley/log/read/past_events.h>
#include <parley/projection/relation_reader.h>
#include <parley/projection/view_reader.h>

#include <functional>
#include <optional>

namespace parley {

/// A conversation as it was after one event of the log.
struct PastConversation {
    ConversationRow row;   ///< with those who took part and those who typed
    bool emptied = false;  ///< retention has emptied the name of somebody who typed
};

/// What a user was to a conversation at a moment, as the authorization table asks it.
struct PastStanding {
    Standing standing;
    std::optional<UserRole> role;  ///< of the last join or leave by then; nothing: there was none
};

/// Reads conversations as they were after an event of the log, by folding what happened up to it
/// with `evolve`. There are no snapshots: the cost follows how many events the conversation had by
/// then, and the memory only how many took part at once. What is read here of a log equals what
/// ViewReader reads of one that ends at `upTo`, which a test compares. One thread; folds in slices
/// (ConversationScan), so that no snapshot is held for long unless the caller holds one. Refuses as
/// Database::query does, and with `storage_damaged` what this program does not know.
class PastStateReader {
public:
    /// REQUIRES: `db` has the log's tables and the views; `db`, `seqs` and `events`, of the same
    /// connection, outlive the reader. SQLite's exceptions pass through.
    PastStateReader(Database& db, ConversationSeqs& seqs, PastEvents& events);

    /// Called between two slices of a fold, while the reader holds no snapshot of its own. For a
    /// command beside a server: pauseBetweenReads.
    void pauseWith(std::function<void()> pause) { pause_ = std::move(pause); }

    /// The conversation as of `upTo`, with the figures as `viewer` could know them then; nothing
    /// where it had not been started. `id`: of `conversation`.
    Result<std::optional<PastConversation>> conversation(ConversationKey conversation,
                                                         const ConversationId& id, Position upTo,
                                                         const Viewer& viewer);
    /// As ViewReader::participants, as of `upTo`.
    Result<PageEnd> participants(ConversationKey conversation, Position upTo, const Viewer& viewer,
                                 Position after,
                                 const std::function<bool(const Participant&, Position)>& take);
    /// What `user` was to the conversation as of `upTo`; 0: a user that the log does not know.
    Result<PastStanding> standing(ConversationKey conversation, UserKey user, Position upTo);
    /// The position of the first share of the message at `message`, if it was shared by `upTo`.
    Result<std::optional<Position>> sharedBy(Position message, Position upTo);

private:
    Result<Seq> endOf(ConversationKey conversation, Position upTo);
    Result<void> fold(ConversationKey conversation, Seq upTo, ScanOf of,
                      const std::function<void(const Event&)>& each);
    bool everTookPart(ConversationKey conversation, UserKey user);

    Database& db_;
    ConversationSeqs& seqs_;
    PastEvents& events_;
    ConversationScan scan_;
    MetadataLookup metadata_;
    SQLite::Statement everTookPart_;
    SQLite::Statement share_;
    std::function<void()> pause_ = [] {};
};

/// Those who typed, as `viewer` could be told of it: customers are told of their own typing, and of
/// typing that is not hidden.
std::vector<TypingUser> typingFor(const ConversationState& state, const Viewer& viewer);

}  // namespace parley
