#pragma once

#include <parley/log/data_folder.h>

#include <filesystem>

/// Files and folders that this process makes in a data folder, for the user of that folder: what
/// root makes there must not keep the service's user out.
namespace parley {

/// Gives what was just made, open as `made`, to the owner and group of `folder`, where this is root
/// and the folder another user's. A failure is not told. Any thread.
void giveToOwnerOf(const std::filesystem::path& folder, const Descriptor& made);

/// A file that was opened to be written.
struct OpenedFile {
    Descriptor file;  ///< none is open: errno says why
    bool isMade;      ///< it was not there before
};

/// Opens a file with open's `flags`, or makes it, of kFileMode and for its folder's owner. Any
/// thread.
OpenedFile openOrMake(const std::filesystem::path& file, int flags);

}  // namespace parley
