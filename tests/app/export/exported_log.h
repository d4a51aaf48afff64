#pragma once

#include "app/export/exported_events.h"
#include "app/export/import.h"
#include "app/export/lines.h"
#include "app/generate/generate.h"
#include "support/temp_folder.h"

#include <parley/domain/upkeep/upkeep.h>
#include <parley/log/typing_retention.h>
#include <parley/projection/rebuild.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace parley::test {

using app::exports::ExportedEvents;
using app::exports::Selection;

/// The text of an export.
inline std::string exportOf(Database& db, Selection asked = {}) {
    const auto source = ExportedEvents::open(db, std::move(asked)).value();
    std::string out;
    std::int64_t events = 0;
    app::exports::append(out, source->beginning());
    for (auto chunk = source->next(); !chunk.value().empty(); chunk = source->next()) {
        for (const auto& stored : *chunk) app::exports::append(out, stored);
        events += static_cast<std::int64_t>(chunk->size());
    }
    app::exports::appendEnd(out, events, source->beginning().through);
    return out;
}

inline std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line + '\n';
    return text;
}

/// A generated log of which retention has emptied the older typing, and told of it.
class ExportedLog {
public:
    explicit ExportedLog(std::int64_t events = 2'000) {
        const app::generate::Wanted wanted{
            .events = events, .seed = 5, .end = {1'767'225'600'000}, .days = 180};
        const auto owned = DataFolder::own(folder_.path()).value();
        REQUIRE(app::generate::generate(*owned, wanted, [](const LogHead&) {}).ok());
        emptyTyping(wanted.end.value - 60 * 86'400'000LL);
        db_ = Database::openReader(DataFolder::databaseIn(folder_.path())).value();
    }
    Database& db() { return *db_; }

private:
    void emptyTyping(std::int64_t before) {
        const auto db = Database::openWriter(DataFolder::databaseIn(folder_.path())).value();
        SeededRandom random(9);
        const auto log = EventLog::open(*db, random).value();
        ViewWriter views(db->sqlite());
        TypingRetention retention(*db);
        UuidGenerator uuids(random);
        uuids.continueAfter(log->head().id);
        for (std::int64_t seq = 1; seq <= 3; ++seq) {
            REQUIRE(db->begin().ok());
            const auto chunk = retention.emptyNext({before}, 100).value();
            std::vector events{retentionApplied({std::chrono::hours(24 * 60),
                                                 {before},
                                                 chunk.after,
                                                 chunk.through,
                                                 chunk.emptied})};
            events.front().seq = {seq};
            events.front().at = log->head().at;
            events.front().id = uuids.next(log->head().at);
            REQUIRE(log->append(events).ok());
            views.apply(events.front());
            views.flush();
            REQUIRE(db->commit().ok());
            log->committed();
            retention.committed();
        }
        db->allowCheckpointAtClose();
    }

    TempFolder folder_;
    std::unique_ptr<Database> db_;
};

/// Imports `text` into a folder of its own.
class Imported {
public:
    explicit Imported(const std::string& text) {
        std::ofstream(outside_ / "export", std::ios::binary) << text;
        const auto owned = DataFolder::own(folder_.path()).value();
        const ManualClock clock;
        SeededRandom random(1);
        {
            const auto database = NewDatabase::make(*owned, clock, random).value();
            done_ = app::exports::readWholeExport(outside_ / "export", [&](StoredEvent& stored) {
                return database->restore(stored);
            });
            if (done_) done_ = finished(*database);
        }
        if (done_) db_ = Database::openReader(owned->database()).value();
    }
    bool ok() const { return done_.ok(); }
    std::string problem() const { return done_ ? "" : done_.error().message; }
    Database& db() { return *db_; }
    /// Whether the folder has nothing but the lock's file.
    bool isEmpty() const {
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
            if (entry.path().filename() != "parley.lock") return false;
        }
        return true;
    }

private:
    static Result<void> finished(NewDatabase& database) {
        auto report = database.finish();
        return report ? Result<void>() : Result<void>(report.error());
    }

    TempFolder folder_;
    TempFolder outside_;
    Result<void> done_;
    std::unique_ptr<Database> db_;
};

}  // namespace parley::test
