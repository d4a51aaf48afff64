#pragma once

#include <parley/core/result.h>
#include <parley/log/database.h>
#include <parley/log/file_watch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace parley {

/// Connections to audit.db for the reader pool's threads, one for each that asks at the same time.
/// The file may be built anew at any moment: a connection to one that has lost its name is not used
/// again. Any thread.
class AuditReaders {
public:
    explicit AuditReaders(std::filesystem::path file) : file_(std::move(file)) {}

    /// What is read: the connection is the caller's until it returns.
    using Read = std::function<Result<void>(Database& audit)>;
    /// Runs `read` with a connection, which is interrupted where `log`'s is: a job of the reader
    /// pool has one time limit. Refuses with `busy` where there is no audit.db that can be read
    /// now, as while it is built anew or replaced, and as `read` does: what fails in audit.db while
    /// it reads is `busy`, too. On a reader's thread.
    Result<void> with(Database& log, const Read& read);

private:
    struct Reader {
        std::unique_ptr<Database> db;
        FileId id;
        Database* log = nullptr;  // whose limit counts now
    };
    Result<std::unique_ptr<Reader>> take();
    Result<std::unique_ptr<Reader>> open() const;

    const std::filesystem::path file_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Reader>> idle_;  // as many as were used at once
};

}  // namespace parley
