#include "app/folder_options.h"

#include "app/operator_errors.h"
#include "app/transcript/safe_text.h"

#include <parley/app/settings.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>

#include <iostream>

namespace parley::app {
FolderOptions folderOptions(const Given& given) {
    return {.data = textOf(given, "data", kDataFolderDefault),
            .file = textOf(given, "FILE"),
            .audit = isOn(given, "audit"),
            .check = isOn(given, "check"),
            .force = isOn(given, "force")};
}

namespace {

// The name, and from where it counts.
std::string wordsFor(const std::filesystem::path& name) {
    const std::string quoted = "\"" + name.string() + "\"";
    if (!name.is_relative()) return quoted;
    std::error_code failed;
    return quoted + ", seen from \"" + std::filesystem::current_path(failed).string() + "\"";
}

Result<std::unique_ptr<Database>> openKnown(const std::filesystem::path& file) {
    auto db = Database::openReader(file);
    if (!db) return db;
    PARLEY_TRY(checkSchema(**db));
    return db;
}

}  // namespace

Result<void> requireFile(const std::filesystem::path& file) {
    std::error_code failed;
    const auto status = std::filesystem::status(file, failed);
    if (std::filesystem::is_directory(status)) {
        return Error{ErrorCode::file_refused, "\"" + file.string() + "\" is a folder, not a file"};
    }
    if (status.type() != std::filesystem::file_type::not_found) return {};
    return Error{ErrorCode::no_database, "there is no file " + wordsFor(file)};
}

Result<void> requireDatabase(const std::filesystem::path& folder) {
    std::error_code failed;
    const bool there = std::filesystem::exists(DataFolder::databaseIn(folder), failed);
    if (there || failed) return {};  // opening says best what cannot be looked at
    if (const auto note = HeadWitness::read(folder); note && *note) {
        return Error{ErrorCode::no_database,
                     "the database in " + wordsFor(folder) +
                         " is gone: its log had reached position " +
                         std::to_string((*note)->position.value) +
                         ", but there is no parley.db. Put the folder's own parley.db and "
                         "parley.db-wal back together, or restore a backup into a new folder"};
    }
    return Error{ErrorCode::no_database, "there is no database in " + wordsFor(folder) +
                                             ". Name the server's data folder with --data"};
}

Result<std::unique_ptr<Database>> openToRead(const std::filesystem::path& folder) {
    PARLEY_TRY(requireDatabase(folder));
    return openKnown(DataFolder::databaseIn(folder));
}

Result<std::unique_ptr<Database>> openFileToRead(const std::filesystem::path& file) {
    PARLEY_TRY(requireFile(file));
    return openKnown(file);
}

int exitStatusOf(const Error& error) {
    for (const auto& row : operatorErrors()) {
        if (row.code == error.code) return row.exitStatus;
    }
    return kExitConfig;
}

int fail(const Error& error, int status) {
    // A damaged file can make SQLite quote anything.
    std::cerr << "parley: " << transcripts::plain(error.message) << '\n';
    return status;
}

int fail(const Error& error) {
    return fail(error, exitStatusOf(error));
}

}  // namespace parley::app
