#pragma once

#include <string>
#include <vector>

namespace parley::app {

/// The subcommands of `parley`. Each takes the arguments behind its name and returns the exit
/// status: 0 good, 1 a check found something wrong, 2 bad usage, 74 the storage failed,
/// 78 it cannot run like this (settings, data folder, port).
int serve(const std::vector<std::string>& arguments);
int rebuild(const std::vector<std::string>& arguments);
int verify(const std::vector<std::string>& arguments);
int exportLog(const std::vector<std::string>& arguments);
int demo(const std::vector<std::string>& arguments);
int docs(const std::vector<std::string>& arguments);

inline constexpr int kExitFound = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitStorage = 74;  ///< EX_IOERR
inline constexpr int kExitConfig = 78;   ///< EX_CONFIG

}  // namespace parley::app
