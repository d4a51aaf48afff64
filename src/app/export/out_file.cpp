#include "app/export/out_file.h"

#include <parley/core/try.h>
#include <parley/log/folder_target.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <string>
#include <unistd.h>

namespace parley::app::exports {
namespace {

Error cannotOpen(const std::filesystem::path& file) {
    const std::string why = errno == EEXIST
                                ? "is there already; name another file"
                                : std::string("cannot be written: ") + std::strerror(errno);
    return {ErrorCode::file_refused, "\"" + file.string() + "\" " + why};
}

}  // namespace

Result<std::unique_ptr<OutFile>> OutFile::create(const std::filesystem::path& file) {
    Descriptor opened;
    if (!file.empty()) {
        PARLEY_TRY(checkIsNoFolderFile(file));
        opened =
            Descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
        if (!opened.isOpen()) return cannotOpen(file);
    }
    std::unique_ptr<OutFile> made(new OutFile(file, std::move(opened)));
    made->isUseless_ = made->file_.isOpen();
    return made;
}

OutFile::~OutFile() {
    if (isUseless_ && file_.isStill(name_)) ::unlink(name_.c_str());
}

Result<std::unique_ptr<OutFile>> OutFile::goOn(const std::filesystem::path& file,
                                               std::uintmax_t at) {
    Descriptor opened(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!opened.isOpen() || ::ftruncate(opened.number(), static_cast<off_t>(at)) != 0) {
        return cannotOpen(file);
    }
    return std::unique_ptr<OutFile>(new OutFile(file, std::move(opened)));
}

bool OutFile::isRead() const {
    return file_.isOpen() || std::cout.good();
}

Result<void> OutFile::write(std::string_view bytes) {
    if (!file_.isOpen()) {
        std::cout.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return {};  // the end of the process says what became of it
    }
    while (!bytes.empty()) {
        const auto n = ::write(file_.number(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed("written");
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    isUseless_ = false;
    return {};
}

Result<void> OutFile::finish() {
    if (file_.isOpen() && ::fsync(file_.number()) != 0) return failed("synced");
    return {};
}

Error OutFile::failed(const char* what) const {
    const auto code = errno == ENOSPC ? ErrorCode::storage_full : ErrorCode::storage_failed;
    return {code, "\"" + name_.string() + "\" cannot be " + what + ": " + std::strerror(errno)};
}

std::string outOf(const Given& given) {
    const std::string said = textOf(given, "out");
    return said == "-" ? std::string() : said;
}

}  // namespace parley::app::exports
