#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/chain_check.h>
#include <parley/log/head_witness.h>
#include <parley/log/log_head.h>
#include <parley/log/migrations.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/verify.h>

#include <algorithm>
#include <vector>

namespace parley {
namespace {

VerifyReport bad(const ChainCheck& check, Position position, std::string problem) {
    return {check.position(), check.hash(), false, position, std::move(problem)};
}

// What the log has at `before`, which is taken on trust; all 0 where that is before its beginning.
Result<LogHead> trustedAt(LogWalk& log, Position before) {
    LogHead trusted;
    if (before.value <= 0) return trusted;
    PARLEY_TRY_ASSIGN(const auto found, log.read({before.value - 1}, 1));
    trusted.position = before;
    if (!found.empty() && found.front().event.position == before) {
        trusted.hash = found.front().hash;
        trusted.at = found.front().event.at;
    }
    return trusted;
}

// Where a page cannot be read, the events before it still can, one by one.
VerifyReport readUntilBad(LogWalk& log, ChainCheck& check) {
    for (;;) {
        const Position next{check.position().value + 1};
        auto one = log.read(check.position(), 1);
        if (!one) return bad(check, next, "it cannot be read: " + one.error().message);
        if (one->empty()) return bad(check, next, "it could not be read a moment ago");
        if (auto problem = check.problemOf(one->front()); !problem.empty()) {
            return bad(check, one->front().event.position, std::move(problem));
        }
    }
}

Result<VerifyReport> finish(LogWalk& log, ChainCheck& check, Position head,
                            const VerifyProgress& progress, const std::function<bool()>& stopped,
                            const TakeGoodEvents& take) {
    std::vector<StoredEvent> chunk;
    for (;;) {
        if (stopped && stopped()) {
            return Error{ErrorCode::shutting_down, "the verification was stopped"};
        }
        if (!log.nextChunk(check.position(), chunk)) return readUntilBad(log, check);
        for (const auto& stored : chunk) {
            if (auto problem = check.problemOf(stored); !problem.empty()) {
                return bad(check, stored.event.position, std::move(problem));
            }
        }
        if (chunk.empty()) break;
        if (take) take(chunk);
        if (progress) progress(check.position(), head);
        pauseBetweenReads();
    }
    if (check.position() < head) {
        return bad(check, {check.position().value + 1},
                   "it is missing, though later ones are there");
    }
    return VerifyReport{check.position(), check.hash(), true, {}, {}};
}

Error refusedAtStart(const std::string& problem) {
    return {ErrorCode::storage_damaged,
            "the database is damaged: " + problem +
                ". Nothing was changed. Copy the whole data folder away before anything else; "
                "`parley verify` says how far the log is good; then restore a backup, or start "
                "with another folder"};
}

std::int64_t pragma(Database& db, const char* name) {
    return db.sqlite().execAndGet(std::string("PRAGMA ") + name).getInt64();
}

// What the first row of SQLite's own check says, unless that is "ok".
std::optional<std::string> findingOf(Database& db, const char* check) {
    SQLite::Statement rows(db.sqlite(), check);
    if (!rows.executeStep()) return std::nullopt;
    const std::string text = rows.getColumn(0).getString();
    if (text == "ok") return std::nullopt;
    // "*** in database main ***", a line feed, and what is wrong.
    return text.substr(text.find('\n') + 1);
}

// Of all tables but `event`.
std::optional<std::string> findingInIndexes(Database& db) {
    return findingOf(db,
                     "SELECT c.integrity_check FROM sqlite_schema t"
                     " JOIN pragma_integrity_check(t.name) c"
                     " WHERE t.type = 'table' AND t.name <> 'event' AND c.integrity_check <> 'ok'"
                     " LIMIT 1");
}

// The first problem that a quick check finds; empty: none. Notes in `checks` what it has checked.
Result<std::string> problemAtStart(Database& db, StartChecks& checks) {
    PARLEY_TRY_ASSIGN(const bool isShort, structureCheckIsShort(db));
    if (isShort) {
        PARLEY_TRY_ASSIGN(const auto finding, verifyStructure(db, false));
        if (finding) return *finding;
        checks.structure = true;
    }
    auto tail = verifyTail(db, limits::kEventsVerifiedAtStart);
    if (!tail && tail.error().code == ErrorCode::storage_damaged) return tail.error().message;
    if (!tail) return tail.error();
    checks.head = tail->last;
    checks.events = std::min(tail->last.value, limits::kEventsVerifiedAtStart);
    if (tail->good) return std::string();
    return "event " + std::to_string(tail->badPosition.value) + ": " + tail->problem;
}

}  // namespace

Result<VerifyReport> verifyLog(Database& db, const VerifyProgress& progress,
                               const std::function<bool()>& stopped, const TakeGoodEvents& take) {
    PARLEY_TRY_ASSIGN(const auto log, LogWalk::open(db));
    PARLEY_TRY_ASSIGN(const Position head, log->head());
    ChainCheck check;
    return finish(*log, check, head, progress, stopped, take);
}

Result<VerifyReport> verifyTail(Database& db, std::int64_t events) {
    PARLEY_TRY_ASSIGN(const auto log, LogWalk::open(db));
    PARLEY_TRY_ASSIGN(const Position head, log->head());
    PARLEY_TRY_ASSIGN(const auto trusted, trustedAt(*log, {head.value - events}));
    ChainCheck check(trusted.position, trusted.hash, trusted.at);
    return finish(*log, check, head, {}, {}, {});
}

Result<std::optional<std::string>> verifyStructure(Database& db, bool indexes) {
    auto finding = db.query([&] {
        auto found = findingOf(db, "SELECT * FROM pragma_quick_check(1)");
        return found || !indexes ? found : findingInIndexes(db);
    });
    if (finding || finding.error().code != ErrorCode::storage_damaged) return finding;
    return std::optional(finding.error().message);
}

Result<bool> structureCheckIsShort(Database& db) {
    return db.query([&] {
        const auto bytes = pragma(db, "page_count") * pragma(db, "page_size");
        return bytes <= limits::kStructureCheckedAtStartBytesMax;
    });
}

Result<StartChecks> verifyAtStart(Database& db, const std::filesystem::path& folder) {
    StartChecks checks;
    PARLEY_TRY_ASSIGN(const bool there, hasLog(db));
    if (there) {
        PARLEY_TRY_ASSIGN(const auto problem, problemAtStart(db, checks));
        if (!problem.empty()) return refusedAtStart(problem);
    }
    PARLEY_TRY(checkWitness(db, folder));
    const auto note = HeadWitness::read(folder);
    if (checks.head.value > 0 && isNoteDamaged(folder)) {
        logger().warn(
            "head_note_damaged file=\"{}\" advice=\"whether the last events are there is "
            "not known; the next commit writes the note anew\"",
            DataFolder::headNoteIn(folder).string());
    }
    checks.end = checks.head.value > 0 && note && *note;
    return checks;
}

}  // namespace parley
