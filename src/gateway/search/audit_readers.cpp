#include "gateway/search/audit_readers.h"

#include <parley/audit/schema.h>
#include <parley/core/try.h>
#include <parley/log/migrations.h>

#include <sqlite3.h>

#include <optional>
#include <sys/stat.h>
#include <utility>

namespace parley {
namespace {

std::optional<FileId> idOf(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return std::nullopt;
    return FileId{status.st_dev, status.st_ino};
}

// A search reads the log, too: an error may be the log's. What ended the read because it took too
// long is no failure of the file.
bool hasFailed(Database& audit) {
    switch (audit.sqlite().getErrorCode() & 0xFF) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
        case SQLITE_INTERRUPT: return false;
        default: return true;
    }
}

Error notNow(const Error& why) {
    return {ErrorCode::busy,
            "the index of the messages cannot be read now, because it is built "
            "anew or has failed (" +
                std::string(why.name()) + "); try again"};
}

}  // namespace

Result<std::unique_ptr<AuditReaders::Reader>> AuditReaders::open() const {
    auto reader = std::make_unique<Reader>();
    reader->id = idOf(file_).value_or(FileId{});
    PARLEY_TRY_ASSIGN(reader->db, Database::openReader(file_, audit::schema()));
    PARLEY_TRY(checkSchema(*reader->db));
    PARLEY_TRY(reader->db->run([&] { reader->db->sqlite().exec("PRAGMA cache_size = -4096"); }));
    reader->db->interruptWhen([raw = reader.get()] { return raw->log->isInterrupted(); });
    return reader;
}

Result<std::unique_ptr<AuditReaders::Reader>> AuditReaders::take() {
    const auto now = idOf(file_);
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(idle_, [&](const auto& reader) { return !now || !(reader->id == *now); });
        if (!idle_.empty()) {
            auto taken = std::move(idle_.back());
            idle_.pop_back();
            return taken;
        }
    }
    auto opened = open();
    return opened ? std::move(opened) : notNow(opened.error());
}

Result<void> AuditReaders::with(Database& log, const Read& read) {
    PARLEY_TRY_ASSIGN(auto reader, take());
    reader->log = &log;
    auto done = read(*reader->db);
    const bool failed = reader->db->mustStop() || (!done && hasFailed(*reader->db));
    reader->db->rollback();
    // What is damaged is not kept, and soon built anew.
    if (failed) return notNow(done ? Error{ErrorCode::storage_failed, {}} : done.error());
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
    return done;
}

}  // namespace parley
