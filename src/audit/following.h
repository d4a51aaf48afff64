#pragma once

#include "audit/audit_file.h"

#include <parley/core/clock.h>
#include <parley/core/result.h>
#include <parley/log/file_watch.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace parley::audit {

/// Follows the log of a data folder with its audit.db, step by step, whatever happens to that file
/// meanwhile. One thread.
class Following {
public:
    /// `folder` has a migrated log. The clock outlives this.
    Following(std::filesystem::path folder, const Clock& clock);

    /// Opens what is not open, makes audit.db anew where it cannot be used or was deleted, replaced
    /// or cut while it was open, and folds up to kChunkEvents events. True: there may be more, so
    /// that the next step is due at once. `head`: the log's last event now. Refuses as AuditFile
    /// does, and with `storage_full` while the disk has less than kFreeBytesMin: the log needs that
    /// more. After an error the same step can be tried again; nothing is lost.
    Result<bool> step(Position head);

    /// Up to where audit.db holds the log; 0 also while it is not open.
    Position position() const { return file_ ? file_->reached().position : Position{}; }

    static constexpr std::int64_t kFreeBytesMin = 4 * 1024 * 1024;

private:
    Result<void> openAll();
    Result<void> write();
    void lookAtFiles();
    void rest();

    const std::filesystem::path folder_;
    const Clock& clock_;
    std::unique_ptr<Database> log_;
    std::unique_ptr<AuditFile> file_;
    std::unique_ptr<FileWatch> files_;
    LogChunk chunk_;
    int chunks_ = 0;                           // in a row
    bool mustBeMade_ = false;                  // what is there cannot be used
    std::optional<Position> storageFailedAt_;  // the last write that failed began here
};

}  // namespace parley::audit
