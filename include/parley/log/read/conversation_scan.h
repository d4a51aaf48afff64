#pragma once

#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/database.h>

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace parley {

/// Which events of a conversation a scan hands out.
enum class ScanOf : std::uint8_t {
    everything,
    memberships,  ///< joins and leaves
};

/// Walks along the events of one conversation for a fold into its state, whoever may see them: what
/// of the state a client is told is for the caller to decide. Reads columns alone, no payload, in
/// slices, so that a conversation of any length holds no snapshot for long. One thread at a time;
/// each call is a read transaction of its own, unless the caller has opened one.
class ConversationScan {
public:
    /// REQUIRES: `db` has the log's tables and outlives this. Throws SQLite::Exception where the
    /// schema is damaged: call inside Database::run.
    explicit ConversationScan(Database& db);

    /// Calls `each` for the events after seq `after` and up to `upTo`, that one included, in
    /// order: kSliceEvents of them are looked at. Returns the seq up to which it looked. The
    /// events have position, seq, type, version, time, keys, role, visibility and cause; joins,
    /// leaves and typing have their actor, too. `each` gets a reference to memory that the next
    /// event reuses. Refuses as Database::query does, and with `storage_damaged` what this program
    /// does not know; the events before it were handed out.
    Result<Seq> slice(ConversationKey conversation, Seq after, Seq upTo, ScanOf of,
                      const std::function<void(const Event&)>& each);
    /// The last join or leave of `user` up to `upTo`, that one included; nothing: they had none.
    /// Of the event, type, position and role are set, and the cause. The cost follows what came
    /// between.
    Result<std::optional<Event>> lastMembership(ConversationKey conversation, UserKey user,
                                                Seq upTo);
    /// The metadata of the event at `position`; empty once retention has emptied it.
    Result<std::string> dataAt(Position position);

    static constexpr std::int64_t kSliceEvents = 65'536;

private:
    const UserId& userOf(UserKey key);
    Result<void> readRow(SQLite::Statement& row, Event& event);

    Database& db_;
    SQLite::Statement everything_;
    SQLite::Statement memberships_;
    SQLite::Statement lastMembership_;
    SQLite::Statement user_;
    SQLite::Statement data_;
    std::unordered_map<UserKey, UserId> users_;  // a number never changes its text
};

}  // namespace parley
