// Connections to audit.db: what fails in it is never taken for a failure of the log.
#include "gateway/search/audit_readers.h"

#include "audit/audit_log.h"
#include "support/temp_folder.h"

#include <parley/audit/build.h>
#include <parley/audit/schema.h>
#include <parley/audit/search.h>

#include <catch2/catch.hpp>

using namespace parley;
using namespace parley::test;

namespace {

/// A log in memory, and an audit.db of it.
struct Indexed {
    Indexed() {
        auto message = StoredLife::message(ConversationId::fromStored("c"),
                                           UserId::fromStored("anna"), UserRole::customer, false);
        message.content = "where is my parcel";
        life.run(message);
        REQUIRE(audit::bringUpToDate(life.db(), file, ManualClock()).ok());
    }
    // As a file does that another one is moved over while it is read.
    void change(const char* sql) {
        SQLite::Database db(file.string(), SQLite::OPEN_READWRITE);
        db.exec(sql);
    }
    Result<std::size_t> hits() {
        std::size_t found = 0;
        const auto done = readers.with(life.db(), [&](Database& audit) -> Result<void> {
            const audit::SearchSight everything{Viewer::of({}, UserRole::supervisor), {}};
            const auto query = audit::SearchQuery::parse("parcel");
            auto page = audit::search(life.db(), audit, query.value(), {}, everything, 10);
            if (!page) return page.error();
            found = page->hits.size();
            return {};
        });
        return done ? Result<std::size_t>(found) : done.error();
    }

    StoredLife life;
    TempFolder folder;
    const std::filesystem::path file = DataFolder::auditIn(folder.path());
    AuditReaders readers{file};
};

}  // namespace

TEST_CASE("an index that is damaged while it is read is busy, and read again once it is whole") {
    Indexed log;
    REQUIRE(log.hits().value() == 1);
    log.change(
        "CREATE TABLE whole AS SELECT * FROM search_data;"
        "UPDATE search_data SET block = x'00' WHERE id > 10");
    const auto damaged = log.hits();
    REQUIRE_FALSE(damaged.ok());
    CHECK(damaged.error().code == ErrorCode::busy);
    log.change("INSERT OR REPLACE INTO search_data SELECT * FROM whole");
    CHECK(log.hits().value() == 1);
}

TEST_CASE("an index of which a table is gone while it is read is busy") {
    Indexed log;
    REQUIRE(log.hits().value() == 1);
    log.change("DROP TABLE follower");
    const auto gone = log.hits();
    REQUIRE_FALSE(gone.ok());
    CHECK(gone.error().code == ErrorCode::busy);
}

TEST_CASE(
    "what the reader itself refuses is refused as it says, and what took too long is too long") {
    Indexed log;
    const auto refused = log.readers.with(log.life.db(), [](Database&) -> Result<void> {
        return Error{ErrorCode::storage_damaged, "of the log"};
    });
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::storage_damaged);
    log.life.db().interruptWhen([] { return true; });
    const auto cut = log.readers.with(log.life.db(), [&](Database& audit) -> Result<void> {
        return log.life.db().query([&]() -> Result<void> {
            audit.sqlite().execAndGet(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)"
                " SELECT count(*) FROM n");
            return {};
        });
    });
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.error().code == ErrorCode::read_timeout);
}
