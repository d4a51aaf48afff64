#pragma once

#include "projection/stored_life.h"

#include <parley/audit/schema.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace parley::test {

/// All rows of a query, the cells of a row joined by blanks; "-" stands for NULL.
inline std::vector<std::string> rowsOf(Database& db, const std::string& sql) {
    std::vector<std::string> rows;
    SQLite::Statement row(db.sqlite(), sql);
    while (row.executeStep()) {
        std::string text;
        for (int i = 0; i < row.getColumnCount(); ++i) {
            if (i > 0) text += ' ';
            text += row.getColumn(i).isNull() ? "-" : row.getColumn(i).getString();
        }
        rows.push_back(text);
    }
    return rows;
}

/// All that an audit.db holds but when it was made.
inline std::vector<std::string> contentOf(const std::filesystem::path& file) {
    auto db = Database::openReader(file, audit::schema());
    REQUIRE(db.ok());
    std::vector<std::string> all;
    for (const auto& table :
         rowsOf(**db,
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
                " AND name NOT LIKE 'schema_migration' AND name NOT LIKE 'sqlite_%'"
                " AND name NOT LIKE 'search%'")) {
        for (const auto& row : rowsOf(**db, "SELECT * FROM " + table)) {
            all.push_back(table + ": " + row);
        }
    }
    (*db)->sqlite().exec(
        "PRAGMA query_only = OFF;"
        "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)");
    for (const auto& row : rowsOf(**db, "SELECT * FROM temp.words")) all.push_back("word: " + row);
    std::sort(all.begin(), all.end());
    return all;
}

/// Lets random things happen.
inline void live(StoredLife& life, std::mt19937& random, int steps) {
    for (int i = 0; i < steps; ++i) life.runAny(random);
}

}  // namespace parley::test
