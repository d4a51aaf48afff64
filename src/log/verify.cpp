#include <parley/core/hex.h>
#include <parley/core/limits.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/verify.h>

#include <algorithm>
#include <unordered_map>

namespace parley {
namespace {

struct Walk {
    HashChain chain;
    Digest previous{};
    Position position;
    UnixMillis at;
    bool fromStart = true;
    std::unordered_map<std::int64_t, std::int64_t> seqs;

    std::string problemOf(const StoredEvent& stored);
};

std::string Walk::problemOf(const StoredEvent& stored) {
    const Event& event = stored.event;
    const auto expected = position.value + 1;
    if (event.position.value != expected) {
        return "expected position " + std::to_string(expected) + ", found " +
               std::to_string(event.position.value);
    }
    // In the middle of the log, a conversation's first event seen may have any seq.
    const auto [known, isFirst] =
        seqs.try_emplace(event.conversationKey.value, fromStart ? 0 : event.seq.value - 1);
    auto& seq = known->second;
    if (event.seq.value != seq + 1) {
        return "expected seq " + std::to_string(seq + 1) + ", found " +
               std::to_string(event.seq.value) + ", conversation \"" + event.conversation.str() +
               "\"";
    }
    if (event.at < at) return "its time is before that of the event before it";
    const bool salted = stored.salt.has_value();
    if (!stored.commitment && salted != event.content.has_value()) {
        return salted ? "its content is gone" : "it has content without a salt";
    }
    // The commitment binds both data and content only if it is certain where the salt begins.
    if (!stored.commitment && !(event.data.starts_with('{') && event.data.ends_with('}'))) {
        return "its data is no JSON object";
    }
    const auto commitment = stored.commitment.value_or(chain.commitment(
        event.data, salted ? bytesOf(*stored.salt) : "", event.content.value_or("")));
    const auto hash = chain.hash(previous, event, stored.key, commitment);
    if (hash != stored.hash) {
        return "its hash is " + toHex(stored.hash) + ", recomputed " + toHex(hash);
    }
    seq = event.seq.value;
    position = event.position;
    at = event.at;
    previous = hash;
    return {};
}
// Begins in the middle of the log, and trusts the event at `before`.
Result<void> beginAfter(Walk& walk, LogWalk& log, Position before) {
    if (before.value <= 0) return {};
    PARLEY_TRY_ASSIGN(const auto trusted, log.read({before.value - 1}, 1));
    walk.fromStart = false;
    walk.position = before;
    if (!trusted.empty() && trusted.front().event.position == before) {
        walk.previous = trusted.front().hash;
        walk.at = trusted.front().event.at;
    }
    return {};
}

VerifyReport bad(const Walk& walk, Position position, std::string problem) {
    return {walk.position, walk.previous, false, position, std::move(problem)};
}

// Where a page cannot be read, the events before it still can, one by one.
VerifyReport readUntilBad(LogWalk& log, Walk& walk) {
    for (;;) {
        const Position next{walk.position.value + 1};
        auto one = log.read(walk.position, 1);
        if (!one) return bad(walk, next, "it cannot be read: " + one.error().message);
        if (one->empty()) return bad(walk, next, "it could not be read a moment ago");
        if (auto problem = walk.problemOf(one->front()); !problem.empty()) {
            return bad(walk, one->front().event.position, std::move(problem));
        }
    }
}

VerifyReport finish(LogWalk& log, Walk& walk, Position head, const VerifyProgress& progress) {
    for (;;) {
        auto chunk = log.nextChunk(walk.position);
        if (!chunk) return readUntilBad(log, walk);
        for (const auto& stored : *chunk) {
            if (auto problem = walk.problemOf(stored); !problem.empty()) {
                return bad(walk, stored.event.position, std::move(problem));
            }
        }
        if (chunk->empty()) break;
        if (progress) progress(walk.position, head);
        pauseBetweenReads();
    }
    if (walk.position < head) {
        return bad(walk, {walk.position.value + 1}, "it is missing, though later ones are there");
    }
    return {walk.position, walk.previous, true, {}, {}};
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

Result<VerifyReport> verifyLog(Database& db, const VerifyProgress& progress) {
    PARLEY_TRY_ASSIGN(const auto log, LogWalk::open(db));
    PARLEY_TRY_ASSIGN(const Position head, log->head());
    Walk walk;
    return finish(*log, walk, head, progress);
}

Result<VerifyReport> verifyTail(Database& db, std::int64_t events) {
    PARLEY_TRY_ASSIGN(const auto log, LogWalk::open(db));
    PARLEY_TRY_ASSIGN(const Position head, log->head());
    Walk walk;
    PARLEY_TRY(beginAfter(walk, *log, {head.value - events}));
    return finish(*log, walk, head, {});
}

Result<std::optional<std::string>> verifyStructure(Database& db, bool indexes) {
    auto finding = db.query([&]() -> std::optional<std::string> {
        SQLite::Statement rows(db.sqlite(),
                               indexes ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
        if (!rows.executeStep() || rows.getColumn(0).getString() == "ok") return std::nullopt;
        // "*** in database main ***", a line feed, and what is wrong.
        const std::string text = rows.getColumn(0).getString();
        return text.substr(text.find('\n') + 1);
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
