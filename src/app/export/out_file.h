#pragma once

#include "app/commands.h"

#include <parley/core/result.h>
#include <parley/log/data_folder.h>

#include <filesystem>
#include <memory>
#include <string_view>

namespace parley::app::exports {

/// Where an export goes: standard output, or a file of its own. Refuses with `file_refused` what
/// cannot be opened, with `storage_full` or `storage_failed` what cannot be written. One thread.
class OutFile {
public:
    /// Empty: standard output. A file is made, for its user and group alone; one that is there is
    /// refused, and so is a file of a data folder. It is removed again where not even one write to
    /// it succeeds.
    static Result<std::unique_ptr<OutFile>> create(const std::filesystem::path& file);
    /// The file, to be written from byte `at` on; what it has behind that is cut off.
    static Result<std::unique_ptr<OutFile>> goOn(const std::filesystem::path& file,
                                                 std::uintmax_t at);

    Result<void> write(std::string_view bytes);
    /// False once nobody reads standard output any more.
    bool isRead() const;
    ~OutFile();
    OutFile(const OutFile&) = delete;
    OutFile& operator=(const OutFile&) = delete;

    /// All of it is on the disk when it returns; of standard output, it was written.
    Result<void> finish();

private:
    OutFile(std::filesystem::path name, Descriptor file)
        : name_(std::move(name)), file_(std::move(file)) {}
    Error failed(const char* what) const;

    std::filesystem::path name_;
    Descriptor file_;         // none is open: standard output
    bool isUseless_ = false;  // it was made here, and nothing whole is in it
};

/// The file that --out names; empty: standard output, also where that is said as "-".
std::string outOf(const Given& given);

}  // namespace parley::app::exports
