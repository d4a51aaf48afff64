#include "audit/following.h"

#include <parley/core/logging.h>
#include <parley/core/size_text.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>

#include <utility>

namespace parley::audit {
namespace {

constexpr int kChunksToShrinkAfter = 2;

}  // namespace

Following::Following(std::filesystem::path folder, const Clock& clock)
    : folder_(std::move(folder)), clock_(clock) {}

Result<bool> Following::step(Position head) {
    lookAtFiles();
    if (!file_) PARLEY_TRY(openAll());
    if (head <= position()) {
        rest();
        return false;
    }
    if (DataFolder::freeBytesIn(folder_).value_or(kFreeBytesMin) < kFreeBytesMin) {
        return Error{ErrorCode::storage_full, "the disk has less than " + sizeText(kFreeBytesMin) +
                                                  " free, which are left to the log"};
    }
    PARLEY_TRY(readChunk(*log_, file_->reached(), kChunkEvents, chunk_));
    if (chunk_.events.empty()) return false;
    PARLEY_TRY(write());
    ++chunks_;
    return position() < head;
}

// What a long catch-up took of memory is not needed to follow.
void Following::rest() {
    if (std::exchange(chunks_, 0) < kChunksToShrinkAfter) return;
    chunk_ = {};
    for (Database* db : {log_.get(), &file_->db()}) db->sqlite().tryExec("PRAGMA shrink_memory");
}

// A WAL that belongs to another file, or pages that are gone, would be taken for good.
void Following::lookAtFiles() {
    if (!file_) return;
    const auto harm = files_->harm();
    if (!harm) return;
    logger().warn("audit_built_anew reason=\"{}\"", *harm);
    mustBeMade_ = true;
    files_.reset();
    file_.reset();
}

Result<void> Following::openAll() {
    const auto audit = DataFolder::auditIn(folder_);
    if (!log_) {
        PARLEY_TRY_ASSIGN(log_, Database::openReader(DataFolder::databaseIn(folder_)));
        PARLEY_TRY(log_->run([&] { log_->sqlite().exec("PRAGMA cache_size = -2048"); }));
    }
    if (mustBeMade_) PARLEY_TRY(removeDatabase(audit));
    PARLEY_TRY_ASSIGN(auto file, openOrMake(audit, *log_, clock_));
    PARLEY_TRY_ASSIGN(files_, FileWatch::openFor(file->db(), audit));
    file_ = std::move(file);
    mustBeMade_ = false;
    return {};
}

// What fails a second time in the same place is tried with a new file: a constraint, for example,
// fails where rows are there that nobody of this log has written.
Result<void> Following::write() {
    const Position before = position();
    auto done = file_->write(chunk_);
    if (done) {
        storageFailedAt_.reset();
        return done;
    }
    const bool again = std::exchange(storageFailedAt_, before) == before;
    if (done.error().code == ErrorCode::storage_damaged ||
        (done.error().code == ErrorCode::storage_failed && again)) {
        mustBeMade_ = true;
    }
    if (mustBeMade_ || file_->db().mustStop()) {
        files_.reset();
        file_.reset();
    }
    return done;
}

}  // namespace parley::audit
