#include <parley/log/event_reader.h>
#include <parley/log/upcast.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/view_writer.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

namespace parley {
namespace {

constexpr std::size_t kConversationsGatheredMax = 500'000;
constexpr std::array kTables{"hidden_by_author", "message_overlay", "participant",
                             "conversation",     "active_user",     "dashboard"};

// Folds the whole log into whichever tables the names resolve to.
Result<Position> foldAll(Database& db) {
    auto reader = EventReader::open(db);
    if (!reader) return reader.error();
    std::optional<ViewWriter> writer;
    if (auto done = db.run([&] { writer.emplace(db.sqlite()); }); !done) return done.error();
    auto position = (*reader)->scan([&](const Event& event) {
        writer->apply(event);
        if (writer->gathered() >= kConversationsGatheredMax) writer->flush();
    });
    if (!position) return position;
    if (auto done = db.run([&] { writer->flush(); }); !done) return done.error();
    return position;
}

// The same part by part, beside a server that goes on appending.
class Fold {
public:
    /// REQUIRES: `db` has the log's tables; SQLite's exceptions pass through.
    explicit Fold(Database& db) : db_(db), reader_(db), writer_(db.sqlite()) {}

    /// Folds to the head, in the transaction that the caller has opened.
    Result<void> toHead() {
        for (bool more = true; more;) {
            auto folded = part();
            if (!folded) return folded.error();
            more = *folded;
        }
        return {};
    }
    /// Folds to what is the head now, in short reads.
    Result<void> nearHead() {
        const auto head = reader_.head();
        if (!head) return head.error();
        while (position_ < *head) {
            if (auto folded = part(); !folded) return folded.error();
            pauseBetweenReads();
        }
        return {};
    }
    Position position() const { return position_; }

private:
    // False: there was nothing more.
    Result<bool> part() {
        auto events = reader_.readPart(position_);
        if (!events) return events.error();
        for (auto& stored : *events) {
            auto event = upcast(std::move(stored.event));
            if (!event) return event.error();
            if (auto done = db_.run([&] { writer_.apply(*event); }); !done) return done.error();
            position_ = event->position;
        }
        if (auto done = db_.run([&] { writer_.flush(); }); !done) return done.error();
        return !events->empty();
    }

    Database& db_;
    EventReader reader_;
    ViewWriter writer_;
    Position position_;
};

std::string tempTable(SQLite::Database& db, const std::string& table) {
    SQLite::Statement row(db, "SELECT sql FROM main.sqlite_schema WHERE type='table' AND name=?");
    row.bind(1, table);
    row.executeStep();
    std::string sql = row.getColumn(0).getString();
    return sql.replace(0, std::string("CREATE TABLE").size(), "CREATE TEMP TABLE");
}

// A table of the views and how its rows are walked, a few thousand at a time, by its first key.
struct View {
    const char* table;
    const char* key;
    std::int64_t step;  ///< overlays are sparse, the other keys dense
};
constexpr std::array kViews{View{"conversation", "conversation", 4096},
                            View{"participant", "conversation", 4096},
                            View{"hidden_by_author", "conversation", 4096},
                            View{"message_overlay", "position", 65'536},
                            View{"active_user", "user", 4096},
                            View{"dashboard", "id", 4096}};

struct Difference {
    std::int64_t live = 0;     ///< rows that a rebuild does not give
    std::int64_t rebuilt = 0;  ///< rows that are not live
};

std::int64_t rowsOnlyIn(SQLite::Database& db, const View& view, const std::string& range,
                        const std::string& a, const std::string& b) {
    const std::string rows = std::string(".") + view.table + " WHERE " + view.key + range;
    return db
        .execAndGet("SELECT count(*) FROM (SELECT * FROM " + a + rows + " EXCEPT SELECT * FROM " +
                    b + rows + ")")
        .getInt64();
}

std::int64_t lastKey(SQLite::Database& db, const View& view) {
    const auto in = [&](const std::string& schema) {
        return db
            .execAndGet("SELECT coalesce(max(" + std::string(view.key) + "), 0) FROM " + schema +
                        "." + view.table)
            .getInt64();
    };
    return std::max(in("main"), in("temp"));
}

// Runs `work` in one read transaction.
Result<void> inSnapshot(Database& db, const std::function<Result<void>()>& work) {
    auto begun = db.run([&] { db.sqlite().exec("BEGIN"); });
    if (!begun) return begun;
    auto done = work();
    if (done) done = db.commit();
    if (!done) db.rollback();
    pauseBetweenReads();
    return done;
}

// Compares one view range by range. Each range has a snapshot of its own, and what has been
// appended since the last one is folded in first, so that live and rebuilt rows are of one age.
Result<void> compare(Database& db, Fold& fold, const View& view, RebuildCheck& check) {
    Difference difference;
    bool finished = false;
    for (std::int64_t from = 0; !finished; from += view.step) {
        auto done = inSnapshot(db, [&]() -> Result<void> {
            if (auto folded = fold.toHead(); !folded) return folded;
            return db.run([&] {
                const std::string range = " BETWEEN " + std::to_string(from) + " AND " +
                                          std::to_string(from + view.step - 1);
                difference.live += rowsOnlyIn(db.sqlite(), view, range, "main", "temp");
                difference.rebuilt += rowsOnlyIn(db.sqlite(), view, range, "temp", "main");
                finished = from + view.step > lastKey(db.sqlite(), view);
            });
        });
        if (!done) return done;
    }
    if (difference.live != 0 || difference.rebuilt != 0) {
        check.differences.push_back(
            std::string(view.table) + ": " + std::to_string(difference.live) +
            " live rows that a rebuild does not give, " + std::to_string(difference.rebuilt) +
            " rebuilt rows that are not live");
    }
    return {};
}

Result<void> checkWithTables(Database& db, RebuildCheck& check) {
    std::optional<Fold> fold;
    if (auto opened = db.run([&] { fold.emplace(db); }); !opened) return opened;
    if (auto folded = fold->nearHead(); !folded) return folded;
    for (const auto& view : kViews) {
        if (auto compared = compare(db, *fold, view, check); !compared) return compared;
    }
    check.position = fold->position();
    return {};
}

}  // namespace

Result<Position> rebuildViews(Database& db) {
    if (auto begun = db.begin(); !begun) return begun.error();
    auto position = [&]() -> Result<Position> {
        auto emptied = db.run([&] {
            for (const std::string table : kTables) db.sqlite().exec("DELETE FROM " + table);
        });
        if (!emptied) return emptied.error();
        auto folded = foldAll(db);
        if (!folded) return folded;
        auto recorded = db.run([&] {
            db.sqlite().exec("INSERT OR REPLACE INTO projection_version VALUES ('views', " +
                             std::to_string(kProjectionVersion) + ")");
        });
        if (!recorded) return recorded.error();
        if (auto committed = db.commit(); !committed) return committed.error();
        return folded;
    }();
    if (!position) db.rollback();
    return position;
}

Result<RebuildCheck> checkViews(Database& db) {
    RebuildCheck check;
    // Temporary tables of the same names come first when SQLite resolves a name, so that the
    // very statements that write the live tables fill these.
    auto prepared = db.run([&] {
        db.sqlite().exec("PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY");
        for (const std::string table : kTables) db.sqlite().exec(tempTable(db.sqlite(), table));
    });
    if (!prepared) return prepared.error();
    auto done = checkWithTables(db, check);
    auto dropped = db.run([&] {
        for (const std::string table : kTables) db.sqlite().exec("DROP TABLE temp." + table);
    });
    if (!done) return done.error();
    if (!dropped) return dropped.error();
    return check;
}

Result<bool> viewsAreCurrent(Database& db) {
    bool current = false;
    auto done = db.run([&] {
        SQLite::Statement row(db.sqlite(),
                              "SELECT version FROM projection_version WHERE name = 'views'");
        current = row.executeStep() && row.getColumn(0).getInt() == kProjectionVersion;
    });
    if (!done) return done.error();
    return current;
}

}  // namespace parley
