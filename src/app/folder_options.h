#pragma once

#include "app/commands.h"

#include <parley/core/result.h>
#include <parley/log/database.h>

#include <filesystem>
#include <memory>

namespace parley::app {

/// What the commands that work on a data folder can be told.
struct FolderOptions {
    std::filesystem::path data;
    std::filesystem::path file;  ///< of backup and restore
    bool audit = false;          ///< audit.db is meant
    bool check = false;
    bool force = false;
};

FolderOptions folderOptions(const Given& given);

/// Refuses with `no_database` where there is none, before anything is made there: somebody meant
/// another folder, or the database is gone. What is there may still be damaged.
Result<void> requireDatabase(const std::filesystem::path& folder);

/// Refuses with `no_database` where nothing has that name, with `file_refused` a folder.
Result<void> requireFile(const std::filesystem::path& file);

/// The database of a data folder, to be read beside a server or without one; its schema is this
/// program's. Refuses as requireDatabase, Database::openReader and checkSchema do.
Result<std::unique_ptr<Database>> openToRead(const std::filesystem::path& folder);

/// The same of a database by its name, such as a backup. Refuses as requireFile does, too.
Result<std::unique_ptr<Database>> openFileToRead(const std::filesystem::path& file);

/// Prints the error and returns `status`.
int fail(const Error& error, int status);
/// The same with exitStatusOf(error).
int fail(const Error& error);

}  // namespace parley::app
