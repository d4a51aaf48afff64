#pragma once

#include <parley/log/database.h>
#include <parley/projection/rebuild.h>

#include <SQLiteCpp/Backup.h>
#include <catch2/catch.hpp>

#include <memory>
#include <string>

namespace parley::test {

/// A copy of a database in memory whose log ends at `last`, with views built from that log.
inline std::unique_ptr<Database> cutOff(Database& db, Position last) {
    auto copy = Database::openInMemory();
    REQUIRE(copy.ok());
    SQLite::Backup((*copy)->sqlite(), db.sqlite()).executeStep(-1);
    auto& sqlite = (*copy)->sqlite();
    sqlite.exec("DROP TRIGGER event_never_deleted");
    sqlite.exec("DELETE FROM event WHERE position > " + std::to_string(last.value));
    const auto rebuilt = rebuildViews(**copy);
    REQUIRE(rebuilt.ok());
    REQUIRE(*rebuilt == last);
    return std::move(*copy);
}

}  // namespace parley::test
