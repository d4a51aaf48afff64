#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/domain/viewers.h>
#include <parley/log/database.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace parley {

/// A chunk of the log: the events asked for, in order, and how far it reaches.
struct EventChunk {
    std::vector<Event> events;
    Position upTo;  ///< nothing more of what was asked for is at or before this position: the next
                    ///< chunk begins after it
};

/// A chunk of one conversation's events.
struct ConversationChunk {
    std::vector<Event> events;     ///< those that the viewer may see, in order
    int rows = 0;                  ///< events looked at
    Seq reached;                   ///< of the last event looked at
    std::optional<Position> next;  ///< of the event after it; nothing: there is none to be read
};

/// Reads what a client missed while it was away, through the eyes of the viewers it has. Each call
/// is a short read transaction of its own. Events are in their type's current version. Refuses as
/// Database::query does, and with `storage_damaged` what this program does not know. One thread at
/// a time.
class MissedEvents {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit MissedEvents(Database& db);

    /// What `viewers` may see after `after` and up to `upTo`, that one included, of all
    /// conversations together: walks the log, whatever it is of. Looks at `rowsMax` events at most
    /// and stops early where their content grows large (limits::kReplayChunkBytes), so it may not
    /// reach `upTo`.
    Result<EventChunk> chunk(Position after, Position upTo, int rowsMax, const Viewers& viewers);
    /// Looks at a conversation's events after seq `after`, one at least: those before position
    /// `end`, at most `rowsMax` and about `bytesMax` of content. Nothing after `upTo` is read or
    /// told of.
    Result<ConversationChunk> chunkOf(ConversationKey conversation, Seq after, Position end,
                                      Position upTo, int rowsMax, std::size_t bytesMax,
                                      const Viewer& viewer);
    /// A conversation's start and the joins of its first participants, which follow it without
    /// a gap: limits::kInitialParticipantsMax and its creator's at most. Every viewer may see them.
    /// Empty: the conversation has not been started.
    Result<std::vector<Event>> startOf(ConversationKey conversation, const Viewer&);

private:
    Database& db_;
    SQLite::Statement afterPosition_;
    SQLite::Statement afterSeq_;
};

}  // namespace parley
