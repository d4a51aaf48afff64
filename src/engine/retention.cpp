#include "engine/retention.h"

#include <parley/core/limits.h>
#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/sql_lists.h>

#include <algorithm>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBetweenSlices{10};  // requests come first
constexpr milliseconds kAfterFailure{10'000};

// Often enough that nothing is kept much longer than asked for, and no oftener than pays.
milliseconds betweenWalks(milliseconds keep) {
    return std::clamp(keep / 20, milliseconds(100), milliseconds(3'600'000));
}

const std::string kFind = "SELECT position, at, CASE WHEN type IN " + sqlTypes(EventKind::typing) +
                          " AND commitment IS NULL THEN data END"
                          " FROM event WHERE position > ? ORDER BY position LIMIT ?";
constexpr const char* kRemember =
    "INSERT INTO retention_walk VALUES ('typing', ?1)"
    " ON CONFLICT (name) DO UPDATE SET position = ?1";

}  // namespace

Retention::Retention(milliseconds keep, Database& db, const Clock& clock)
    : keep_(keep), db_(db), clock_(clock), due_(clock.monotonic()) {}

std::optional<milliseconds> Retention::nextDue() const {
    if (keep_.count() == 0) return std::nullopt;
    return due_;
}

Result<void> Retention::load() {
    if (loaded_) return {};
    auto done = db_.run([&] {
        SQLite::Statement row(db_.sqlite(),
                              "SELECT position FROM retention_walk WHERE name = 'typing'");
        if (row.executeStep()) walked_ = {row.getColumn(0).getInt64()};
    });
    loaded_ = done.ok();
    return done;
}

Result<std::optional<Event>> Retention::slice(int eventsMax) {
    slice_ = {};
    if (auto loaded = load(); !loaded) return loaded.error();
    const UnixMillis before{clock_.now().value - keep_.count()};
    auto done = db_.run([&] {
        slice_ = find(before, eventsMax);
        empty(slice_);
    });
    if (!done) return done.error();
    if (slice_.events.empty()) return std::optional<Event>();
    return std::optional(
        retentionApplied({keep_, before, walked_, slice_.through, slice_.events.size()}));
}

// Times never go back along the log, so the walk ends at the first event that is young enough.
Retention::Found Retention::find(UnixMillis before, int eventsMax) {
    Found found;
    found.through = walked_;
    found.reachedTheYoung = true;
    SQLite::Statement rows(db_.sqlite(), kFind);
    rows.bind(1, walked_.value);
    rows.bind(2, limits::kRetentionScanMax);
    for (int scanned = 0; rows.executeStep();) {
        if (rows.getColumn(1).getInt64() >= before.value) return found;
        found.through = {rows.getColumn(0).getInt64()};
        if (const auto data = rows.getColumn(2); !data.isNull()) {
            const std::string_view bytes(static_cast<const char*>(data.getBlob()),
                                         static_cast<std::size_t>(data.getBytes()));
            found.events.emplace_back(found.through, chain_.commitment(bytes, "", ""));
        }
        ++scanned;
        if (scanned == limits::kRetentionScanMax ||
            found.events.size() == static_cast<std::size_t>(eventsMax)) {
            found.reachedTheYoung = false;
            return found;
        }
    }
    return found;
}

void Retention::empty(const Found& found) {
    SQLite::Statement row(db_.sqlite(),
                          "UPDATE event SET data = '', commitment = ? WHERE position = ?");
    for (const auto& [position, commitment] : found.events) {
        row.reset();
        row.bindNoCopy(1, commitment.data(), static_cast<int>(commitment.size()));
        row.bind(2, position.value);
        row.exec();
    }
    if (found.through == walked_) return;
    SQLite::Statement remember(db_.sqlite(), kRemember);
    remember.bind(1, found.through.value);
    remember.exec();
}

Result<ConversationState> Retention::systemConversation() {
    ConversationState state;
    auto done = db_.run([&] {
        SQLite::Statement last(db_.sqlite(),
                               "SELECT max(seq) FROM event WHERE conversation ="
                               " (SELECT key FROM conversation_key WHERE id = ?)");
        last.bind(1, std::string(system_id::kConversation));
        if (last.executeStep()) state.lastSeq = {last.getColumn(0).getInt64()};
    });
    if (!done) return done.error();
    return state;
}

void Retention::committed() {
    walked_ = slice_.through;
    emptied_ += slice_.events.size();
    due_ = clock_.monotonic() + (slice_.reachedTheYoung ? betweenWalks(keep_) : kBetweenSlices);
}

void Retention::rolledBack() {
    due_ = clock_.monotonic() + kAfterFailure;
}

}  // namespace parley
