#pragma once

#include <parley/core/clock.h>
#include <parley/log/database.h>
#include <parley/log/migrations.h>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace parley::test {

/// A file of the repository, by its path there.
inline std::string fileText(const std::filesystem::path& path) {
    std::ifstream file(std::filesystem::path(PARLEY_SOURCE_DIR) / path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// A database in memory with the newest schema and nothing in it.
inline std::unique_ptr<Database> migrated() {
    auto db = Database::openInMemory();
    REQUIRE(db.ok());
    REQUIRE(migrate(**db, ManualClock()).ok());
    return std::move(*db);
}

}  // namespace parley::test
