#pragma once

#include <parley/core/result.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace parley {

enum class SqlFormat : std::uint8_t { json, csv };

/// One statement that somebody asks.
struct SqlAsk {
    std::string sql;
    SqlFormat format = SqlFormat::json;
    std::int64_t rowsMax = 0;
};

/// What it found. CSV: with a header. JSON: an array of objects.
struct SqlRows {
    std::string text;
    bool truncated = false;  ///< there were more rows than rowsMax, or more bytes than kSqlBytesMax
    /// What the command said besides, a line each: how new audit.db is. Of rows that were cut:
    /// that the next one had been more than kSqlBytesMax.
    std::string notes;
};

inline constexpr std::size_t kSqlBytesMax = 8 * 1024 * 1024;  ///< of an answer
inline constexpr std::size_t kSqlTextBytesMax = 32 * 1024;    ///< of a statement

/// How `parley audit --sql` is run.
struct SqlCommand {
    std::string program;  ///< its path
    std::filesystem::path dataFolder;
    std::chrono::milliseconds timeLimit{30'000};
};

/// Runs the statement with `parley audit --sql`, in a process of its own, and waits for it: nothing
/// that a statement does can take this process's memory, locks or time. Its text goes through a
/// pipe, as others could read an argument. The process has the lowest priority, and is the first
/// one that the kernel ends where memory is short. It is ended once `cancelled` is true (refuses
/// with `shutting_down`; nobody reads it), or has more to say than may be said (then its first rows
/// are the answer). Refuses with `invalid_value` what is no SQL or no SELECT, in SQLite's words,
/// or whose first row alone has more than kSqlBytesMax, with `read_timeout` what takes longer than
/// the limit, and with `storage_failed` where no process can be made, or it fails. REQUIRES:
/// ask.sql is not longer than kSqlTextBytesMax. Any thread; blocks.
Result<SqlRows> runSql(const SqlCommand& command, const SqlAsk& ask,
                       const std::atomic<bool>& cancelled);

}  // namespace parley
