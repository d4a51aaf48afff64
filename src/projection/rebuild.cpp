#include <parley/core/limits.h>
#include <parley/core/try.h>
#include <parley/log/read/fold_scan.h>
#include <parley/log/read/log_walk.h>
#include <parley/log/upcast.h>
#include <parley/projection/rebuild.h>
#include <parley/projection/view_writer.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace parley {
namespace {

constexpr std::size_t kRowsGatheredMax = 500'000;

// Runs `work` in one transaction, which reads one snapshot and writes temporary tables alone.
Result<void> inSnapshot(Database& db, const std::function<Result<void>()>& work) {
    PARLEY_TRY(db.run([&] { db.sqlite().exec("BEGIN"); }));
    auto done = work();
    if (done) done = db.commit();
    if (!done) db.rollback();
    return done;
}

/// Folds the log into whichever tables the names resolve to. `rebuild` and `rebuild --check` both
/// fold with it, from the very columns that a new event's fold may see.
class Fold {
public:
    /// SQLite's exceptions pass through. REQUIRES: `db` has the log's tables and outlives it.
    explicit Fold(Database& db) : db_(db), log_(db), writer_(db.sqlite()) {}

    /// Folds to the head, in the transaction that the caller has opened.
    Result<void> toHead() {
        do {
            PARLEY_TRY(read());
            PARLEY_TRY(apply());
        } while (!events_.empty());
        return flush();
    }
    /// Folds to what is the head now, in short reads. The tables are temporary ones.
    Result<void> nearHead(const std::function<void()>& pause) {
        PARLEY_TRY_ASSIGN(const Position head, log_.head());
        while (position_ < head) {
            PARLEY_TRY(read());
            PARLEY_TRY(inSnapshot(db_, [this] { return apply(); }));
            pause();
        }
        return inSnapshot(db_, [this] { return flush(); });
    }
    /// Folds the next events of the log, that the caller has read. The tables are temporary ones.
    Result<void> take(std::span<const StoredEvent> next) {
        const auto applyAll = [&]() -> Result<void> {
            for (const auto& stored : next) PARLEY_TRY(apply(stored.event));
            position_ = next.back().event.position;
            return {};
        };
        if (next.empty()) return {};
        return inSnapshot(db_, [&]() -> Result<void> {
            PARLEY_TRY(db_.query(applyAll));
            return flushWhereFull();
        });
    }
    Position position() const { return position_; }

private:
    // The next chunk is applied after it was read, so that the read holds the WAL no longer than it
    // must.
    Result<void> read() {
        events_.clear();
        PARLEY_TRY_ASSIGN(
            position_, scanForFold(db_, position_, limits::kWalkEvents,
                                   [&](const FoldableEvent& event) { events_.push_back(event); }));
        return {};
    }
    Result<void> apply() {
        PARLEY_TRY(db_.run([&] {
            for (const auto& event : events_) writer_.apply(event);
        }));
        return flushWhereFull();
    }
    // As scanForFold hands it out.
    Result<void> apply(const Event& asWritten) {
        if (asWritten.version == currentVersion(asWritten.type)) {
            writer_.apply(asWritten);
            return {};
        }
        FoldableEvent event = asWritten;
        PARLEY_TRY(upcastFoldable(event));
        writer_.apply(event);
        return {};
    }
    Result<void> flushWhereFull() {
        return writer_.gathered() >= kRowsGatheredMax ? flush() : Result<void>();
    }
    Result<void> flush() {
        return db_.run([&] { writer_.flush(); });
    }

    Database& db_;
    LogWalk log_;
    ViewWriter writer_;
    Position position_;
    std::vector<FoldableEvent> events_;  // of the chunk; memory that is used again
};

Result<std::unique_ptr<Fold>> openFold(Database& db) {
    return db.query([&] { return std::make_unique<Fold>(db); });
}

std::string tempTable(SQLite::Database& db, const std::string& table) {
    SQLite::Statement row(db, "SELECT sql FROM main.sqlite_schema WHERE type='table' AND name=?");
    row.bind(1, table);
    row.executeStep();
    std::string sql = row.getColumn(0).getString();
    return sql.replace(0, std::string("CREATE TABLE").size(), "CREATE TEMP TABLE");
}

struct Difference {
    std::int64_t live = 0;     ///< rows that a rebuild does not give
    std::int64_t rebuilt = 0;  ///< rows that are not live
};

// Compares the rows of one range. `rows`: ".VIEW WHERE KEY BETWEEN ...".
Difference differenceIn(SQLite::Database& db, const std::string& rows) {
    const auto count = [&](const std::string& from) {
        return db.execAndGet("SELECT count(*) FROM " + from).getInt64();
    };
    const auto onlyIn = [&](const std::string& a, const std::string& b) {
        return count("(SELECT * FROM " + a + rows + " EXCEPT SELECT * FROM " + b + rows + ")");
    };
    const auto live = onlyIn("main", "temp");
    // No table has a row twice: as many rows, of which none is live alone, are the same rows.
    if (live == 0 && count("main" + rows) == count("temp" + rows)) return {};
    return {live, onlyIn("temp", "main")};
}

std::int64_t lastKey(SQLite::Database& db, const ViewTable& view) {
    const auto in = [&](const std::string& schema) {
        return db
            .execAndGet("SELECT coalesce(max(" + std::string(view.key) + "), 0) FROM " + schema +
                        "." + view.name)
            .getInt64();
    };
    return std::max(in("main"), in("temp"));
}

// Compares one view range by range. Each range has a snapshot of its own, and what has been
// appended since the last one is folded in first, so that live and rebuilt rows are of one age.
Result<void> compare(Database& db, Fold& fold, const ViewTable& view, RebuildCheck& check,
                     const std::function<void()>& pause) {
    Difference difference;
    bool finished = false;
    for (std::int64_t from = 0; !finished; from += view.step) {
        const auto compareRange = [&]() -> Result<void> {
            PARLEY_TRY(fold.toHead());
            return db.run([&] {
                const auto [live, rebuilt] =
                    differenceIn(db.sqlite(), std::string(".") + view.name + " WHERE " + view.key +
                                                  " BETWEEN " + std::to_string(from) + " AND " +
                                                  std::to_string(from + view.step - 1));
                difference.live += live;
                difference.rebuilt += rebuilt;
                finished = from + view.step > lastKey(db.sqlite(), view);
            });
        };
        PARLEY_TRY(inSnapshot(db, compareRange));
        pause();
    }
    if (difference.live != 0 || difference.rebuilt != 0) {
        check.differences.push_back(
            std::string(view.name) + ": " + std::to_string(difference.live) +
            " live rows that a rebuild does not give, " + std::to_string(difference.rebuilt) +
            " rebuilt rows that are not live");
    }
    return {};
}

// Temporary tables of the same names come first when SQLite resolves a name, so that the very
// statements that write the live tables fill these.
Result<void> makeTempTables(Database& db) {
    return db.run([&] {
        db.sqlite().exec("PRAGMA query_only = OFF; PRAGMA temp_store = MEMORY");
        for (const auto& view : viewTables()) db.sqlite().exec(tempTable(db.sqlite(), view.name));
    });
}

Result<void> dropTempTables(Database& db) {
    return db.run([&] {
        for (const auto& view : viewTables()) {
            db.sqlite().exec(std::string("DROP TABLE IF EXISTS temp.") + view.name);
        }
    });
}

// In the transaction that the caller has opened.
Result<Position> rebuild(Database& db) {
    PARLEY_TRY(db.run([&] {
        for (const auto& view : viewTables())
            db.sqlite().exec(std::string("DELETE FROM ") + view.name);
    }));
    PARLEY_TRY_ASSIGN(const auto fold, openFold(db));
    PARLEY_TRY(fold->toHead());
    PARLEY_TRY(db.run([&] {
        db.sqlite().exec(
            "INSERT OR REPLACE INTO projection_version (name, version)"
            " VALUES ('views', " +
            std::to_string(projectionVersion()) + ")");
    }));
    return fold->position();
}

}  // namespace

Result<Position> rebuildViews(Database& db) {
    PARLEY_TRY(db.begin());
    auto position = rebuild(db);
    if (position) {
        if (auto committed = db.commit(); !committed) position = std::move(committed).error();
    }
    if (!position) db.rollback();
    return position;
}

struct ViewCheck::State {
    explicit State(Database& database) : db(database), fold(database) {}

    Database& db;
    Fold fold;
    Result<void> taken;  ///< the first refusal
};

ViewCheck::ViewCheck(std::unique_ptr<State> state) : state_(std::move(state)) {}
ViewCheck::ViewCheck(ViewCheck&&) noexcept = default;
ViewCheck::~ViewCheck() {
    if (!state_) return;
    Database& db = state_->db;
    state_.reset();  // its statements are of the tables
    (void)dropTempTables(db);
}

Result<ViewCheck> ViewCheck::begin(Database& db) {
    auto state = [&]() -> Result<std::unique_ptr<State>> {
        PARLEY_TRY(makeTempTables(db));
        return db.query([&] { return std::make_unique<State>(db); });
    }();
    if (!state) {
        (void)dropTempTables(db);
        return std::move(state).error();
    }
    return ViewCheck(std::move(*state));
}

void ViewCheck::take(std::span<const StoredEvent> next) {
    if (state_->taken) state_->taken = state_->fold.take(next);
}

Result<RebuildCheck> ViewCheck::finish(const std::function<void()>& pause) {
    PARLEY_TRY(state_->taken);
    Fold& fold = state_->fold;
    RebuildCheck check;
    PARLEY_TRY(fold.nearHead(pause));
    for (const auto& view : viewTables()) PARLEY_TRY(compare(state_->db, fold, view, check, pause));
    check.position = fold.position();
    return check;
}

Result<RebuildCheck> checkViews(Database& db, const std::function<void()>& pause) {
    PARLEY_TRY_ASSIGN(auto check, ViewCheck::begin(db));
    return check.finish(pause);
}

Result<bool> viewsAreCurrent(Database& db) {
    return db.query([&] {
        SQLite::Statement row(db.sqlite(),
                              "SELECT version FROM projection_version WHERE name = 'views'");
        return row.executeStep() && row.getColumn(0).getInt() == projectionVersion();
    });
}

}  // namespace parley
