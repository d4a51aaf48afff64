#include "log/copy.h"
#include "log/safe_file.h"

#include <parley/log/new_file.h>

#include <system_error>

namespace parley {

Result<void> checkHoldsNoDatabase(const std::filesystem::path& folder) {
    std::error_code ignored;
    for (const auto& [name, use, rebuildable] : kFolderFiles) {
        const auto file = folder / name;
        if (!rebuildable && std::filesystem::exists(file, ignored)) {
            return refusedFile(file, "is there already: move it away, or name another folder");
        }
    }
    return {};
}

NewFile::NewFile(const DataFolder& folder)
    : part_(partFileIn(folderOf(folder.database()))), place_(folder.database()) {
    removeStaleParts(folderOf(place_));
}

NewFile::~NewFile() {
    std::error_code ignored;
    for (const auto& file : {part_, journalOf(part_), walOf(part_), walIndexOf(part_)}) {
        std::filesystem::remove(file, ignored);
    }
}

Result<void> NewFile::moveIntoPlace() {
    return parley::moveIntoPlace(part_, place_, false);
}

}  // namespace parley
