#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <parley/app/settings.h>
#include <parley/core/result.h>

namespace parley::app {

/// What the subcommands that work on a data folder can be told.
struct FolderOptions {
    std::filesystem::path data = kDataFolderDefault;
    std::filesystem::path file;  ///< of backup and restore
    bool check = false;
    bool force = false;
};

/// Which of them a subcommand knows; `file` is required where it does.
struct FolderFlags {
    bool check = false;
    bool force = false;
    bool file = false;
};

/// Reads [--data DIR] and what `known` names. Refuses anything else.
Result<FolderOptions> readFolderOptions(const std::vector<std::string>& arguments,
                                        const FolderFlags& known);

/// Prints the error and returns `status`.
int fail(const Error& error, int status);
/// The same with exitStatusOf(error).
int fail(const Error& error);

}  // namespace parley::app
