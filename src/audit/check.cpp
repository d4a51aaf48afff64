#include "audit/audit_file.h"

#include <parley/audit/build.h>
#include <parley/audit/schema.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/log_head.h>
#include <parley/log/migrations.h>

#include <array>
#include <system_error>

namespace parley::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::array kOtherTables{"follower", "type_name", "role_name", "conversation_text",
                                  "user_text"};

/// A folder that is removed with all in it.
class Scratch {
public:
    explicit Scratch(fs::path folder) : folder_(std::move(folder)) {}
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    fs::path file() const { return DataFolder::auditIn(folder_); }

private:
    const fs::path folder_;
};

std::int64_t rowsOnlyIn(SQLite::Database& db, const std::string& table, const std::string& a,
                        const std::string& b) {
    return db
        .execAndGet("SELECT count(*) FROM (SELECT * FROM " + a + '.' + table +
                    " EXCEPT SELECT * FROM " + b + '.' + table + ")")
        .getInt64();
}

void note(const std::string& table, std::int64_t live, std::int64_t built, Check& check) {
    if (live == 0 && built == 0) return;
    check.differences.push_back(table + ": " + std::to_string(live) +
                                " rows that a rebuild does not give, " + std::to_string(built) +
                                " rebuilt rows that are not there");
}

// Of the index of words it is compared how often each word is in how many messages: the rest of it
// follows from how it was filled, piece by piece.
void showWords(SQLite::Database& db) {
    db.exec(
        "CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, row);"
        "CREATE VIRTUAL TABLE temp.built_words USING fts5vocab(built, search, row)");
}

void compareWords(SQLite::Database& db, Check& check) {
    const auto rows = [&](const char* a, const char* b) {
        return db
            .execAndGet(std::string("SELECT count(*) FROM (SELECT * FROM temp.") + a +
                        " EXCEPT SELECT * FROM temp." + b + ")")
            .getInt64();
    };
    note("search", rows("words", "built_words"), rows("built_words", "words"), check);
}

void compare(SQLite::Database& db, const std::string& table, Check& check) {
    const auto live = rowsOnlyIn(db, table, "main", "built");
    const auto built = rowsOnlyIn(db, table, "built", "main");
    note(table, live, built, check);
}

Result<Position> buildUpTo(Database& log, const fs::path& file, const Clock& clock, Position upTo,
                           const Progress& progress) {
    PARLEY_TRY_ASSIGN(const auto audit, openOrMake(file, log, clock));
    return foldUpTo(*audit, log, upTo, progress);
}

}  // namespace

Result<Check> check(Database& log, const fs::path& file, const fs::path& scratch,
                    const Clock& clock, const Progress& progress) {
    PARLEY_TRY_ASSIGN(const auto db, Database::openReader(file, schema()));
    PARLEY_TRY(checkSchema(*db));
    PARLEY_TRY(createFolders(scratch));
    const Scratch folder(scratch);
    PARLEY_TRY(
        buildUpTo(log, folder.file(), clock, {}, {}));  // a file can be attached, then filled
    PARLEY_TRY(db->run([&] {
        SQLite::Statement attach(db->sqlite(), "ATTACH ? AS built");
        attach.bind(1, folder.file().string());
        attach.exec();
        db->sqlite().exec("PRAGMA query_only = OFF");  // for tables of its own
        showWords(db->sqlite());
        db->sqlite().exec("BEGIN");
    }));
    Check found;
    PARLEY_TRY(db->run([&] {
        found.position = {db->sqlite().execAndGet("SELECT position FROM main.follower").getInt64()};
    }));
    PARLEY_TRY(buildUpTo(log, folder.file(), clock, found.position, progress));
    PARLEY_TRY(db->run([&] {
        for (const auto* table : kOtherTables) compare(db->sqlite(), table, found);
        for (const auto* table : foldedTables()) compare(db->sqlite(), table, found);
        compareWords(db->sqlite(), found);
    }));
    return found;
}

}  // namespace parley::audit
