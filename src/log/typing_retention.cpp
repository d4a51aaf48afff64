#include <parley/core/limits.h>
#include <parley/log/execute.h>
#include <parley/log/sql_lists.h>
#include <parley/log/typing_retention.h>

#include <string>
#include <string_view>

namespace parley {
namespace {

const std::string kSelect = "SELECT position, at, CASE WHEN type IN " +
                            sqlTypes(EventKind::typing) +
                            " AND commitment IS NULL THEN data END FROM event WHERE position > ?";
const std::string kFind = kSelect + " ORDER BY position LIMIT ?";
const std::string kFindThrough = kSelect + " AND position <= ? ORDER BY position";
constexpr const char* kRemember =
    "INSERT INTO retention_walk (name, position) VALUES ('typing', ?1)"
    " ON CONFLICT (name) DO UPDATE SET position = ?1";

}  // namespace

Result<TypingRetention::Chunk> TypingRetention::emptyNext(UnixMillis before, int eventsMax) {
    return db_.query([&] {
        load();
        Chunk chunk{walked_, walked_};
        const auto events = find(before, eventsMax, chunk);
        empty(events);
        if (chunk.through != walked_) remember(chunk.through);
        chunk.emptied = events.size();
        through_ = chunk.through;
        return chunk;
    });
}

Result<TypingRetention::Chunk> TypingRetention::emptyThrough(Position through) {
    return db_.query([&] {
        load();
        const auto events = findThrough(through);
        empty(events);
        remember(through);
        through_ = through;
        return Chunk{walked_, through, events.size(), true};
    });
}

Result<void> TypingRetention::continueAfter(Database& db, Position through) {
    return db.run([&] {
        SQLite::Statement row(db.sqlite(), kRemember);
        execute(row, through.value);
    });
}

void TypingRetention::load() {
    if (loaded_) return;
    SQLite::Statement row(db_.sqlite(),
                          "SELECT position FROM retention_walk WHERE name = 'typing'");
    walked_ = {numberFrom(row).value_or(walked_.value)};
    loaded_ = true;
}

// Times never go back along the log, so the walk ends at the first event that is young enough.
TypingRetention::Commitments TypingRetention::find(UnixMillis before, int eventsMax, Chunk& chunk) {
    Commitments found;
    chunk.reachedYoung = true;
    SQLite::Statement rows(db_.sqlite(), kFind);
    bindNumbers(rows, walked_.value, limits::kRetentionScanMax);
    for (int scanned = 0; rows.executeStep();) {
        if (rows.getColumn(1).getInt64() >= before.value) return found;
        chunk.through = {rows.getColumn(0).getInt64()};
        addCommitment(rows, found);
        ++scanned;
        if (scanned == limits::kRetentionScanMax ||
            found.size() == static_cast<std::size_t>(eventsMax)) {
            chunk.reachedYoung = false;
            return found;
        }
    }
    return found;
}

TypingRetention::Commitments TypingRetention::findThrough(Position through) {
    Commitments found;
    SQLite::Statement rows(db_.sqlite(), kFindThrough);
    bindNumbers(rows, walked_.value, through.value);
    while (rows.executeStep()) addCommitment(rows, found);
    return found;
}

// Of the row's event, where there is something to empty.
void TypingRetention::addCommitment(SQLite::Statement& row, Commitments& found) {
    const auto data = row.getColumn(2);
    if (data.isNull()) return;
    const std::string_view bytes(static_cast<const char*>(data.getBlob()),
                                 static_cast<std::size_t>(data.getBytes()));
    found.emplace_back(Position{row.getColumn(0).getInt64()}, chain_.commitment(bytes, "", ""));
}

void TypingRetention::empty(const Commitments& events) {
    SQLite::Statement row(db_.sqlite(),
                          "UPDATE event SET data = '', commitment = ? WHERE position = ?");
    for (const auto& [position, commitment] : events) {
        row.reset();
        row.bindNoCopy(1, commitment.data(), static_cast<int>(commitment.size()));
        row.bind(2, position.value);
        row.exec();
    }
}

void TypingRetention::remember(Position through) {
    SQLite::Statement row(db_.sqlite(), kRemember);
    execute(row, through.value);
}

}  // namespace parley
