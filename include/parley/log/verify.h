#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>
#include <parley/log/read/stored_event.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace parley {

/// What checking the log found.
struct VerifyReport {
    Position last;  ///< of the last event that was checked
    Digest hash{};  ///< its hash: with a copy of it kept elsewhere, nobody can rewrite the past
    bool good = true;
    Position badPosition;  ///< the first bad one, unless good
    std::string problem;   ///< what is wrong there
};

/// Is told between two chunks how far a long check has come, on the caller's thread. `head`: as it
/// was when the check began; a server may be beyond it.
using VerifyProgress = std::function<void(Position checked, Position head)>;

/// Is given the events that were found good, chunk by chunk, on the caller's thread and while no
/// transaction is open. They are gone when it returns.
using TakeGoodEvents = std::function<void(std::span<const StoredEvent> good)>;

/// Recomputes every hash from the first event, and checks that positions and seqs are dense and
/// times never go back. Reads in short transactions, so that a server may go on meanwhile.
/// An event that cannot be read is a bad one, also where Database::interruptWhen cut the read off;
/// an error means that nothing could be checked. Stops at the first bad event. Takes memory for
/// each conversation's last seq. Changes nothing. The thread of `db`, as for all of these.
/// `stopped` is asked between two chunks; once it says true, refuses with `shutting_down`.
/// `take` gets all events of a log that is good, and those of whole chunks before a bad one.
Result<VerifyReport> verifyLog(Database& db, const VerifyProgress& progress = {},
                               const std::function<bool()>& stopped = {},
                               const TakeGoodEvents& take = {});

/// The same for the last `events` of the log; what comes before them is taken on trust. Its cost
/// does not follow the length of the log.
Result<VerifyReport> verifyTail(Database& db, std::int64_t events);

/// SQLite's own check of the file's structure: its first finding, or nothing when it is sound.
/// `indexes`: also that each index says what its table says (integrity_check), but for those of the
/// event table, which EventIndexCheck compares. Damage that stops the check itself is a finding,
/// not an error.
Result<std::optional<std::string>> verifyStructure(Database& db, bool indexes);

/// Whether that check takes only a moment: the file has at most
/// limits::kStructureCheckedAtStartBytesMax. It is one read transaction that nothing can cut off,
/// so beside a server a longer one would let the WAL grow by all that is written meanwhile.
Result<bool> structureCheckIsShort(Database& db);

/// How much verifyAtStart has checked.
struct StartChecks {
    Position head;            ///< of the log as it was found; 0: the log is new
    std::int64_t events = 0;  ///< so many at the log's end: their hashes, positions, seqs and times
    bool structure = false;   ///< the file's structure; a large file is left out
    bool end = false;         ///< whether the log reaches what parley.head had noted
};

/// Checks what a start can afford, before anything is served or written: the structure of a file of
/// up to limits::kStructureCheckedAtStartBytesMax, the chain of the last
/// limits::kEventsVerifiedAtStart events, and whether the log reaches what HeadWitness noted in
/// `folder`. Refuses as `storage_damaged`, and says what to do; otherwise as Database::run does. A
/// new database is good. Logs `head_note_damaged` where the note makes no sense. Writes nothing.
Result<StartChecks> verifyAtStart(Database& db, const std::filesystem::path& folder);

}  // namespace parley
