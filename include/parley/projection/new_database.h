#pragma once

#include <parley/core/clock.h>
#include <parley/core/random.h>
#include <parley/core/result.h>
#include <parley/domain/event.h>
#include <parley/log/chain_check.h>
#include <parley/log/data_folder.h>
#include <parley/log/event_log.h>
#include <parley/log/new_file.h>
#include <parley/projection/view_writer.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

namespace parley {

/// A database that is made from events as a whole, log and views, by the same code that a server
/// appends with: of a log that is generated or imported. Nothing of it is on the disk for certain,
/// and nothing has its name, before `finish`: that is why it may take large transactions and sync
/// only once. Removed with this object where it was not finished. One thread.
class NewDatabase {
public:
    /// Events in one transaction, unless another number is asked for.
    static constexpr std::size_t kTransactionEvents = 16'384;

    /// Makes an empty one beside the place of `folder`'s database. Refuses as
    /// checkHoldsNoDatabase, and as Database::openWriter and migrate do. `clock` dates the steps of
    /// the schema, `random` makes salts. REQUIRES: all three outlive this.
    static Result<std::unique_ptr<NewDatabase>> make(
        const DataFolder& folder, const Clock& clock, Random& random,
        std::size_t transactionEvents = kTransactionEvents);
    ~NewDatabase();
    NewDatabase(const NewDatabase&) = delete;
    NewDatabase& operator=(const NewDatabase&) = delete;

    /// The last event that was appended.
    const LogHead& head() const { return log_->head(); }

    /// Appends events as EventLog::append does and carries them into the views. After an error the
    /// database is of no use, and can only be destroyed.
    Result<void> append(std::span<Event> events);
    /// The same for the next event of another log, which keeps its position, hash and all else.
    /// Refuses with `storage_damaged` what does not continue this log (ChainCheck); the message is
    /// a sentence about the event, without its end. REQUIRES: its keys are 0, and `append` is not
    /// called.
    Result<void> restore(StoredEvent& stored);

    /// What finish has made.
    struct Report {
        LogHead head;
        std::int64_t conversations = 0;  ///< ids that the log has events of, the system's own too
        std::int64_t users = 0;          ///< likewise
    };
    /// Ends the last transaction, syncs the file, gives it its name, and notes its head. The
    /// database is then what a server that was stopped leaves. To be called once, last.
    Result<Report> finish();

private:
    NewDatabase(const DataFolder& folder, std::size_t transactionEvents);
    Result<void> open(const Clock& clock, Random& random);
    Result<void> begin();
    Result<void> appended(std::span<const Event> events);
    Result<void> commit();
    Result<void> close();

    std::filesystem::path folder_;
    std::size_t transactionEvents_;
    NewFile file_;
    std::unique_ptr<Database> db_;
    std::unique_ptr<EventLog> log_;
    std::optional<ViewWriter> views_;
    ChainCheck check_;    // of what is restored
    Position retention_;  // up to where the restored log's typing had been emptied
    std::size_t inTransaction_ = 0;
    bool isOpen_ = false;  // a transaction
};

}  // namespace parley
