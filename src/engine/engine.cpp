#include "engine/fatal.h"
#include "engine/upkeep/checkpoints.h"
#include "engine/writer.h"

#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/engine/engine.h>
#include <parley/log/data_folder.h>
#include <parley/log/file_watch.h>
#include <parley/log/head_witness.h>
#include <parley/log/lock_holder.h>
#include <parley/log/log_head.h>
#include <parley/log/migrations.h>
#include <parley/log/sqlite_memory.h>
#include <parley/log/verify.h>
#include <parley/projection/rebuild.h>

namespace parley {

// Made in this order and destroyed in the opposite one: the readers go before the folder's lock.
struct Engine::Parts {
    Warnings warnings;
    PresenceBoard presence;
    StartChecks checks;
    std::unique_ptr<DataFolder> folder;
    std::unique_ptr<Database> db;
    std::unique_ptr<HeadWitness> witness;
    std::unique_ptr<ReaderPool> readers;
    std::unique_ptr<Checkpoints> checkpoints;
    std::unique_ptr<Writer> writer;
    std::unique_ptr<FileWatch> files;
    std::unique_ptr<StorageWatch> watch;
    std::unique_ptr<BackupSchedule> backups;
};

namespace {

// The clock dates all that this start writes, and decides what is deleted by age.
Result<void> refuseClockBehind(Database& db, const Clock& clock) {
    auto there = hasLog(db);
    if (!there || !*there) return there ? Result<void>() : there.error();
    PARLEY_TRY_ASSIGN(const auto head, readHead(db));
    const auto last = head.at;
    const auto now = clock.now();
    if (std::chrono::milliseconds(last.value - now.value) <= ClockWatch::kBehindAtStartMax) {
        return {};
    }
    return Error{ErrorCode::clock_behind,
                 "this machine's clock says " + toIso8601(now) +
                     ", but the log's last event is of " + toIso8601(last) +
                     ". Nothing was changed. Set the clock, then start again. If the clock is "
                     "right, and was wrong when that event was written, start with --accept-clock: "
                     "new events get that time until the clock has passed it"};
}

// Nothing is written before everything has been checked.
Result<StartChecks> bringUpToDate(Database& db, const EngineOptions& options, const Clock& clock) {
    auto checks = verifyAtStart(db, options.dataFolder);
    if (!checks) return checks;
    if (!options.acceptClock) {
        PARLEY_TRY(refuseClockBehind(db, clock));
    }
    PARLEY_TRY(db.writeWalAgain());
    PARLEY_TRY(migrate(db, clock));
    db.allowCheckpointAtClose();
    PARLEY_TRY_ASSIGN(const bool current, viewsAreCurrent(db));
    if (current) return checks;
    PARLEY_TRY_ASSIGN(const Position rebuilt, rebuildViews(db));
    if (rebuilt.value > 0) logger().info("views_rebuilt position={}", rebuilt.value);
    // What migrations and the rebuild wrote is not left for the first commit to copy back. Where it
    // cannot be now, a later checkpoint does it.
    static_cast<void>(db.checkpoint().ok());
    return checks;
}

// Another process holds the write lock, such as a shell with an open transaction: says which.
Error withLockHolder(Error error, const std::filesystem::path& database) {
    if (error.code == ErrorCode::busy) {
        error.message += ": " + toText(writeLockHolder(database)) +
                         ". Nothing was changed. End its transaction, then start again";
    }
    return error;
}

// On the watch's thread. The writer may be in the middle of a commit: what it would say of it is of
// no use any more.
void stopIfHarmed(FileWatch& files, const EngineOptions& options) {
    const auto harm = files.harm();
    if (!harm) return;
    logger().critical("storage_lost message=\"{}\"", *harm);
    endProcess(options, *harm +
                            ". If that was the database, what was acknowledged since then may "
                            "be lost. Put the data folder in order and run parley verify "
                            "before you start again; restore a backup if it is not good");
}

}  // namespace

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Engine::~Engine() {
    stop();
}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, const Clock& clock,
                                             Random& random, OutcomeSink& sink) {
    auto parts = std::make_unique<Parts>();
    PARLEY_TRY_ASSIGN(parts->folder, DataFolder::own(options.dataFolder));
    PARLEY_TRY(checkDatabaseIsThere(options.dataFolder));
    PARLEY_TRY_ASSIGN(parts->db,
                      Database::openWriter(parts->folder->database(), options.synchronous));
    auto checks = bringUpToDate(*parts->db, options, clock);
    if (!checks) return withLockHolder(checks.error(), parts->folder->database());
    parts->checks = *checks;
    PARLEY_TRY_ASSIGN(parts->witness, HeadWitness::open(options.dataFolder));
    PARLEY_TRY_ASSIGN(auto log, EventLog::open(*parts->db, random));
    // A power loss can leave the note empty. The log was accepted without it.
    const auto& head = log->head();
    if (head.position.value > 0 && isNoteDamaged(options.dataFolder)) {
        parts->witness->note({head.position, head.hash});
    }
    PARLEY_TRY_ASSIGN(parts->readers,
                      ReaderPool::open(parts->folder->database(), options.readers,
                                       options.readsQueuedMax, options.readTimeLimit, clock));
    PARLEY_TRY_ASSIGN(parts->checkpoints,
                      Checkpoints::open(parts->folder->database(), options.checkpoints, clock));

    PARLEY_TRY(parts->db->run([&] {
        parts->writer = std::make_unique<Writer>(
            options, std::move(log),
            Writer::Surroundings{*parts->db, *parts->witness, *parts->checkpoints, clock, random,
                                 sink, parts->warnings, parts->presence});
    }));
    PARLEY_TRY_ASSIGN(parts->files, FileWatch::open(*parts->db, options.dataFolder));
    // Only once all is well, so that nothing is printed before the error of a failed start.
    DataFolder::warnOfOthers(options.dataFolder);
    parts->writer->start();
    parts->checkpoints->start(
        [&queue = parts->writer->queue()](const Error& error) { queue.lose(error); });
    parts->watch = std::make_unique<StorageWatch>(
        parts->folder->database(), clock,
        [&watched = *parts->files, options] { stopIfHarmed(watched, options); });
    parts->watch->start();
    options.backup.folder = options.dataFolder / options.backup.folder;  // absolute ones stay
    parts->backups = std::make_unique<BackupSchedule>(
        options.backup, parts->folder->database(), clock,
        [writer = parts->writer.get()] { return writer->trustsClock(); });
    parts->backups->start();
    return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

Result<void> Engine::submit(Request request) {
    return parts_->writer->queue().submit(std::move(request));
}

void Engine::submit(std::vector<Request>& requests, const NotTaken& notTaken) {
    parts_->writer->queue().submit(requests, notTaken);
}

bool Engine::read(ReaderPool::Job job, ReadOwner owner, ReaderPool::Failed failed, ReadSize size) {
    return parts_->readers->submit(std::move(job), owner, std::move(failed), size);
}

void Engine::forgetReads(ReadOwner owner) {
    parts_->readers->forget(owner);
}

void Engine::step() {
    parts_->writer->step();
}

void Engine::stop() {
    parts_->backups->stop();
    parts_->watch->stop();
    parts_->writer->stop();
    parts_->checkpoints->stop();
    parts_->readers->stop();
}

Warnings& Engine::warnings() {
    return parts_->warnings;
}

PresenceBoard& Engine::presence() {
    return parts_->presence;
}

const StartChecks& Engine::startChecks() const {
    return parts_->checks;
}

Position Engine::head() const {
    return parts_->writer->head();
}

std::uint64_t Engine::writerTurns() const {
    return parts_->writer->turns();
}

EngineCounters Engine::counters() const {
    EngineCounters counters;
    parts_->writer->addTo(counters);
    counters.readsQueued = parts_->readers->queued();
    counters.sqliteBytes = sqliteMemoryBytes();
    counters.readsBegun = parts_->readers->begun();
    counters.largeReads = parts_->readers->largeBegun();
    counters.largeReadsQueued = parts_->readers->largeQueued();
    counters.readsBusy = parts_->readers->turnedAway();
    counters.readsCut = parts_->readers->cut();
    counters.readsFailed = parts_->readers->failed();
    for (std::size_t i = 0; i < kReadSizeCount; ++i) {
        counters.readDurations[i] = parts_->readers->durations(static_cast<ReadSize>(i));
    }
    counters.storage = parts_->watch->counters();
    counters.checkpoints = parts_->checkpoints->counters();
    counters.backups = parts_->backups->counters();
    return counters;
}

}  // namespace parley
