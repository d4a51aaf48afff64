#include <parley/core/json.h>
#include <parley/core/try.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>
#include <parley/log/typing_retention.h>
#include <parley/projection/new_database.h>
#include <parley/projection/rebuild.h>

#include <algorithm>
#include <string>

namespace parley {
namespace {

// Nobody else sees the file, and a crash leaves nothing of it: no journal, no sync. The pages of a
// transaction stay in memory until its end.
constexpr const char* kBulkPragmas =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;";

// How far retention had come when the event told of it; 0: it tells of none.
Position walkedBy(const Event& event) {
    if (event.type != EventType::retentionApplied) return {};
    const auto data = parseJson(event.data);
    if (!data || !data->is_object() || !data->contains("through")) return {};
    const auto& through = data->at("through");
    return {through.is_number_integer() ? through.get<std::int64_t>() : 0};
}

Result<void> setJournal(Database& db, const std::string& mode) {
    return db.query([&]() -> Result<void> {
        const auto now = db.sqlite().execAndGet("PRAGMA journal_mode = " + mode).getString();
        if (now == mode) return {};
        return Error{ErrorCode::storage_failed, "the new database stays in journal mode " + now};
    });
}

}  // namespace

NewDatabase::NewDatabase(const DataFolder& folder, std::size_t transactionEvents)
    : folder_(folder.database().parent_path()),
      transactionEvents_(transactionEvents),
      file_(folder) {}

NewDatabase::~NewDatabase() = default;

Result<std::unique_ptr<NewDatabase>> NewDatabase::make(const DataFolder& folder, const Clock& clock,
                                                       Random& random,
                                                       std::size_t transactionEvents) {
    PARLEY_TRY(checkHoldsNoDatabase(folder.database().parent_path()));
    std::unique_ptr<NewDatabase> made(new NewDatabase(folder, transactionEvents));
    PARLEY_TRY(made->open(clock, random));
    return made;
}

Result<void> NewDatabase::open(const Clock& clock, Random& random) {
    PARLEY_TRY_ASSIGN(db_, Database::openWriter(file_.part()));
    PARLEY_TRY(db_->run([&] { db_->sqlite().exec(kBulkPragmas); }));
    PARLEY_TRY(migrate(*db_, clock));
    PARLEY_TRY(rebuildViews(*db_));
    db_->removeWalAtClose();
    PARLEY_TRY(setJournal(*db_, "delete"));
    PARLEY_TRY(setJournal(*db_, "off"));
    PARLEY_TRY_ASSIGN(log_, EventLog::open(*db_, random));
    return db_->run([&] { views_.emplace(db_->sqlite()); });
}

Result<void> NewDatabase::begin() {
    if (isOpen_) return {};
    PARLEY_TRY(db_->begin());
    isOpen_ = true;
    return {};
}

Result<void> NewDatabase::append(std::span<Event> events) {
    PARLEY_TRY(begin());
    PARLEY_TRY(log_->append(events));
    return appended(events);
}

Result<void> NewDatabase::restore(StoredEvent& stored) {
    PARLEY_TRY(begin());
    PARLEY_TRY(log_->intern(stored.event));
    if (auto problem = check_.problemOf(stored); !problem.empty()) {
        return Error{ErrorCode::storage_damaged, std::move(problem)};
    }
    PARLEY_TRY(log_->restore(stored));
    retention_ = std::max(retention_, walkedBy(stored.event));
    return appended({&stored.event, 1});
}

Result<void> NewDatabase::appended(std::span<const Event> events) {
    PARLEY_TRY(db_->run([&] {
        for (const auto& event : events) views_->apply(event);
    }));
    inTransaction_ += events.size();
    return inTransaction_ < transactionEvents_ ? Result<void>() : commit();
}

Result<void> NewDatabase::commit() {
    if (!isOpen_) return {};
    PARLEY_TRY(db_->run([&] { views_->flush(); }));
    PARLEY_TRY(db_->commit());
    log_->committed();
    isOpen_ = false;
    inTransaction_ = 0;
    return {};
}

Result<void> NewDatabase::close() {
    views_.reset();
    log_.reset();
    db_.reset();
    return {};
}

Result<NewDatabase::Report> NewDatabase::finish() {
    PARLEY_TRY(begin());
    if (retention_.value > 0) PARLEY_TRY(TypingRetention::continueAfter(*db_, retention_));
    PARLEY_TRY(commit());
    Report report{.head = head()};
    PARLEY_TRY(db_->run([&] {
        const auto count = [&](const char* table) {
            return db_->sqlite()
                .execAndGet(std::string("SELECT count(*) FROM ") + table)
                .getInt64();
        };
        report.conversations = count("conversation_key");
        report.users = count("user_key");
    }));
    PARLEY_TRY(close());
    PARLEY_TRY(file_.moveIntoPlace());
    PARLEY_TRY_ASSIGN(const auto witness, HeadWitness::open(folder_));
    if (report.head.position.value > 0) witness->note({report.head.position, report.head.hash});
    return report;
}

}  // namespace parley
