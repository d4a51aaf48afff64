#include <parley/log/data_folder.h>
#include <parley/log/folder_target.h>

#include <algorithm>
#include <system_error>

namespace parley {

Result<void> checkIsNoFolderFile(const std::filesystem::path& target) {
    std::error_code failed;
    const auto file =
        std::filesystem::weakly_canonical(std::filesystem::absolute(target, failed), failed);
    const auto folder = file.parent_path();
    const auto name = file.filename();
    const bool isNeeded = std::any_of(kFolderFiles.begin(), kFolderFiles.end(),
                                      [&](const FolderFile& one) { return name == one.name; });
    if (!isNeeded) return {};
    const auto owned = DataFolder::isOwned(folder);
    const bool isDataFolder = std::filesystem::exists(DataFolder::lockIn(folder), failed) ||
                              std::filesystem::exists(DataFolder::headNoteIn(folder), failed) ||
                              !owned || *owned;
    if (!isDataFolder) return {};
    return Error{ErrorCode::file_refused, "\"" + target.string() +
                                              "\" is a file of the data folder \"" +
                                              folder.string() + "\"; name another file"};
}

}  // namespace parley
