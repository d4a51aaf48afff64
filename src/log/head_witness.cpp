#include "log/made_file.h"
#include "log/system_errors.h"

#include <parley/core/hex.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/head_witness.h>
#include <parley/log/migrations.h>
#include <parley/log/read/log_walk.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace parley {
namespace {

// "00000000000000004711 <64 hex digits>\n": one length, so that each note covers the last one.
constexpr std::size_t kPositionDigits = 20;
constexpr std::size_t kNoteBytes = kPositionDigits + 1 + 64 + 1;

std::string noteOf(const HeadMark& head) {
    std::array<char, kPositionDigits + 1> digits{};
    std::snprintf(digits.data(), digits.size(), "%020lld",
                  static_cast<long long>(head.position.value));
    return std::string(digits.data()) + ' ' + toHex(head.hash) + '\n';
}

// O_NONBLOCK: a pipe of that name is not waited for.
Descriptor openNote(const std::filesystem::path& file) {
    return openOrMake(file, O_WRONLY | O_NONBLOCK).file;
}

Error damaged(const std::string& what) {
    return {ErrorCode::storage_damaged,
            what +
                ". Nothing was changed. Put the folder's own parley.db and parley.db-wal back "
                "together, or restore a backup. If an older copy was put here on purpose, "
                "delete parley.head and start again: what came after that copy is then gone"};
}

}  // namespace

Result<std::optional<HeadMark>> HeadWitness::read(const std::filesystem::path& folder) {
    const auto name = DataFolder::headNoteIn(folder);
    const Descriptor file(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file.isOpen() && (errno == ENOENT || errno == ENOTDIR)) return std::optional<HeadMark>();
    if (!file.isOpen()) {
        return Error{ErrorCode::storage_failed,
                     "\"" + name.string() + "\" cannot be read: " + std::strerror(errno)};
    }
    std::array<char, kNoteBytes> text{};
    const auto n = ::pread(file.number(), text.data(), text.size(), 0);
    if (n != static_cast<ssize_t>(text.size()) || text[kPositionDigits] != ' ' ||
        text.back() != '\n') {
        return std::optional<HeadMark>();
    }
    HeadMark mark;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + kPositionDigits, mark.position.value);
    const std::string_view hash{text.data() + kPositionDigits + 1, 64};
    if (error != std::errc() || end != text.data() + kPositionDigits ||
        !parseHex(hash, mark.hash)) {
        return std::optional<HeadMark>();
    }
    return std::optional(mark);
}

bool isNoteDamaged(const std::filesystem::path& folder) {
    std::error_code ignored;
    const auto note = HeadWitness::read(folder);
    return note && !*note && std::filesystem::exists(DataFolder::headNoteIn(folder), ignored);
}

Result<std::unique_ptr<HeadWitness>> HeadWitness::open(const std::filesystem::path& folder) {
    const auto name = DataFolder::headNoteIn(folder);
    Descriptor file = openNote(name);
    if (!file.isOpen()) {
        return Error{folderErrorOf(errno),
                     "cannot write \"" + name.string() + "\": " + std::strerror(errno)};
    }
    return std::unique_ptr<HeadWitness>(new HeadWitness(name, std::move(file)));
}

void HeadWitness::lookAfter(const HeadMark& head) {
    if (file_.isStill(name_)) return;
    Descriptor again = openNote(name_);
    if (!again.isOpen()) return;  // the next look tries again
    logger().warn("head_note_was_gone position={} file=\"{}\"", head.position.value,
                  name_.string());
    file_ = std::move(again);
    if (head.position.value > 0) note(head);
}

void HeadWitness::note(const HeadMark& head) {
    const std::string text = noteOf(head);
    if (::pwrite(file_.number(), text.data(), text.size(), 0) ==
        static_cast<ssize_t>(text.size())) {
        return;
    }
    if (!std::exchange(complained_, true)) {
        logger().warn("head_not_noted position={} error=\"{}\"", head.position.value,
                      std::strerror(errno));
    }
}

Result<void> checkDatabaseIsThere(const std::filesystem::path& folder) {
    PARLEY_TRY_ASSIGN(const auto mark, HeadWitness::read(folder));
    std::error_code failed;
    if (!mark || mark->position.value == 0 ||
        std::filesystem::exists(DataFolder::databaseIn(folder), failed)) {
        return {};
    }
    return damaged("the log had reached position " + std::to_string(mark->position.value) +
                   ", but parley.db is missing");
}

Result<void> checkWitness(Database& db, const std::filesystem::path& folder) {
    PARLEY_TRY_ASSIGN(const auto mark, HeadWitness::read(folder));
    if (!mark || mark->position.value == 0) return {};
    const std::string noted = std::to_string(mark->position.value);
    PARLEY_TRY_ASSIGN(const bool there, hasLog(db));
    if (!there) {
        return damaged("the log had reached position " + noted + ", but the database is empty");
    }
    PARLEY_TRY_ASSIGN(const auto log, LogWalk::open(db));
    PARLEY_TRY_ASSIGN(const auto found, log->read({mark->position.value - 1}, 1));
    if (found.empty() || found.front().event.position != mark->position) {
        PARLEY_TRY_ASSIGN(const Position head, log->head());
        return damaged("the log ends at position " + std::to_string(head.value) +
                       ", but it had reached " + noted +
                       ": the end of the log is missing, as when parley.db was copied, or "
                       "its parley.db-wal deleted, after a crash");
    }
    if (found.front().hash != mark->hash) {
        return damaged("the event at position " + noted +
                       " is not the one that this folder's log had there: parley.db was exchanged, "
                       "or changed from outside");
    }
    return {};
}

}  // namespace parley
