#include "app/folder_options.h"

#include <iostream>

#include "app/commands.h"

namespace parley::app {

Result<FolderOptions> readFolderOptions(const std::vector<std::string>& arguments,
                                        const FolderFlags& known) {
    FolderOptions options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto& argument = arguments[i];
        if (argument == "--check" && known.check) {
            options.check = true;
        } else if (argument == "--force" && known.force) {
            options.force = true;
        } else if (argument == "--data" && i + 1 < arguments.size()) {
            options.data = arguments[++i];
        } else if (argument.starts_with("--data=")) {
            options.data = argument.substr(7);
        } else if (known.file && options.file.empty() && !argument.starts_with("-")) {
            options.file = argument;
        } else {
            return Error{ErrorCode::invalid_value, "unexpected argument \"" + argument + "\""};
        }
    }
    if (known.file && options.file.empty()) {
        return Error{ErrorCode::invalid_value, "the name of the backup's file is missing"};
    }
    return options;
}

int exitStatusOf(const Error& error) {
    switch (error.code) {
        case ErrorCode::storage_damaged: return kExitDamaged;
        case ErrorCode::storage_owned: return kExitOwned;
        case ErrorCode::storage_full:
        case ErrorCode::storage_failed: return kExitStorage;
        default: return kExitConfig;
    }
}

int fail(const Error& error, int status) {
    std::cerr << "parley: " << error.message << '\n';
    return status;
}

int fail(const Error& error) {
    return fail(error, exitStatusOf(error));
}

}  // namespace parley::app
