#pragma once

#include <parley/log/backup.h>
#include <parley/log/database.h>
#include <parley/log/log_head.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

/// What backup, restore and vacuum share: a copy that is there as a whole or not at all.
namespace parley {

/// An unfinished copy in `folder`. Removed when this goes, however that comes about; a finished one
/// has another name by then (moveIntoPlace).
class UnfinishedCopy {
public:
    explicit UnfinishedCopy(const std::filesystem::path& folder);
    ~UnfinishedCopy() { remove(); }
    UnfinishedCopy(const UnfinishedCopy&) = delete;
    UnfinishedCopy& operator=(const UnfinishedCopy&) = delete;
    const std::filesystem::path& file() const { return file_; }

private:
    void remove() const;
    std::filesystem::path file_;
};

/// What a copy keeps of the clients' sessions, and of a cluster. What a session knows of positions
/// beyond a restored backup is of another history: kept, it would later take new events of those
/// positions for ones that its client has seen.
enum class SessionsInCopy : std::uint8_t { keep, forget };

/// Removes what a database knows of clients and of a cluster beside the log: sessions, living
/// connections, how far the cluster's stream was applied. Throws SQLite::Exception.
void forgetConnections(SQLite::Database& db);

/// Copies the database `from` into `folder`, verified, under the name that `nameOf` gives it.
Result<CopyReport> copyInto(const std::filesystem::path& from, const std::filesystem::path& folder,
                            const std::function<std::string(const CopyReport&)>& nameOf,
                            SessionsInCopy sessions, const CopyOptions& options);

/// Opens a database to be copied or verified: one that holds a log this program knows.
Result<std::unique_ptr<Database>> openSource(const std::filesystem::path& file);
/// verifyCopy of `copy`, which must end where its source did.
Result<CopyReport> verifyAgainst(const LogHead& head, const std::filesystem::path& copy,
                                 const CopyOptions& options);
/// Bytes of the file's pages. Throws SQLite::Exception.
std::uintmax_t bytesUsed(Database& db, bool withFreePages);

/// The folder that holds `file`.
std::filesystem::path folderOf(const std::filesystem::path& file);
bool isCancelled(const CopyOptions& options);
Error stopped();
/// "FILE WHY", as `file_refused`.
Error refusedFile(const std::filesystem::path& file, const std::string& why);

}  // namespace parley
