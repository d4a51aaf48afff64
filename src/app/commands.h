#pragma once

#include <string>
#include <vector>

#include <parley/core/error.h>

namespace parley::app {

/// The subcommands of `parley`. Each takes the arguments behind its name and returns the exit
/// status: docs/durability.md has the table.
int serve(const std::vector<std::string>& arguments);
int rebuild(const std::vector<std::string>& arguments);
int verify(const std::vector<std::string>& arguments);
int exportLog(const std::vector<std::string>& arguments);
int backup(const std::vector<std::string>& arguments);
int restore(const std::vector<std::string>& arguments);
int vacuum(const std::vector<std::string>& arguments);
int demo(const std::vector<std::string>& arguments);
int docs(const std::vector<std::string>& arguments);

inline constexpr int kExitFound = 1;  ///< a check found something wrong
inline constexpr int kExitUsage = 2;
inline constexpr int kExitDamaged = 65;  ///< EX_DATAERR: the database was refused, and not touched
inline constexpr int kExitStorage = 74;  ///< EX_IOERR: the storage failed, or is full at the start
inline constexpr int kExitOwned = 75;    ///< EX_TEMPFAIL: another process has the data folder
inline constexpr int kExitConfig = 78;   ///< EX_CONFIG: it cannot run like this

/// The exit status for a data folder that could not be opened.
int exitStatusOf(const Error& error);

}  // namespace parley::app
