// SQLite's side of FaultDisk: each call goes to the machine's own VFS, and FaultDisk records it.
#include "faults/fault_disk.h"

#include <sqlite3.h>

#include <new>
#include <optional>
#include <string_view>

namespace parley::faults {
namespace {

FaultDisk* disk = nullptr;
sqlite3_vfs* machine = nullptr;

/// One open file; the machine's own file object lies behind it.
struct File {
    sqlite3_file base;
    FaultDisk::Inode* inode;  ///< null: shared memory, temporary files: nothing to lose
    std::shared_ptr<FaultDisk::Inode>* owner;
    bool syncsFolder;  ///< a new journal or WAL: its first sync makes directory entries durable
    bool isAudit;      ///< of audit.db, which can be built anew: plans count the log's files alone
};

File& fileOf(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}
template <typename Call, typename... Args>
int pass(Call call, sqlite3_file* file, Args... args) {
    return (real(file)->pMethods->*call)(real(file), args...);
}

// The follower writes when it likes: counted, its calls would take failures that are the log's.
bool isAuditFile(const char* name) {
    const std::string_view path(name ? name : "");
    return path.substr(path.rfind('/') + 1).starts_with("audit.db");
}
std::optional<Failure> nextOf(sqlite3_file* file, Op op) {
    return fileOf(file).isAudit ? std::nullopt : disk->next(op);
}

int closeFile(sqlite3_file* file) {
    const int result = pass(&sqlite3_io_methods::xClose, file);
    delete fileOf(file).owner;
    return result;
}

int readFile(sqlite3_file* file, void* out, int count, sqlite3_int64 offset) {
    {
        std::lock_guard lock(disk->mutex());
        if (const auto failure = nextOf(file, Op::read)) return failure->code;
    }
    return pass(&sqlite3_io_methods::xRead, file, out, count, offset);
}

int writeFile(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    std::lock_guard lock(disk->mutex());
    const auto failure = nextOf(file, Op::write);
    if (failure) count = failure->partly ? count / 2 : 0;
    if (count > 0) {
        const int result = pass(&sqlite3_io_methods::xWrite, file, bytes, count, offset);
        if (result != SQLITE_OK) return result;
        if (auto* inode = fileOf(file).inode) {
            const auto* from = static_cast<const std::uint8_t*>(bytes);
            inode->pending.push_back(
                {true, static_cast<std::uint64_t>(offset), {from, from + count}});
        }
    }
    return failure ? failure->code : SQLITE_OK;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    std::lock_guard lock(disk->mutex());
    if (const auto failure = nextOf(file, Op::truncate)) return failure->code;
    const int result = pass(&sqlite3_io_methods::xTruncate, file, size);
    if (result == SQLITE_OK && fileOf(file).inode) {
        fileOf(file).inode->pending.push_back({false, static_cast<std::uint64_t>(size), {}});
    }
    return result;
}

// The machine's own disk is not synced: `save` writes what survives this process.
int syncFile(sqlite3_file* file, int) {
    std::lock_guard lock(disk->mutex());
    const auto failure = nextOf(file, Op::sync);
    auto* inode = fileOf(file).inode;
    if (inode) disk->synced(*inode, !failure);
    if (failure) return failure->code;
    if (fileOf(file).syncsFolder) disk->syncFolder();
    fileOf(file).syncsFolder = false;
    return SQLITE_OK;
}

int sizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
    return pass(&sqlite3_io_methods::xFileSize, file, size);
}
int lockFile(sqlite3_file* file, int level) {
    return pass(&sqlite3_io_methods::xLock, file, level);
}
int unlockFile(sqlite3_file* file, int level) {
    return pass(&sqlite3_io_methods::xUnlock, file, level);
}
int checkReserved(sqlite3_file* file, int* held) {
    return pass(&sqlite3_io_methods::xCheckReservedLock, file, held);
}
int control(sqlite3_file* file, int what, void* argument) {
    return pass(&sqlite3_io_methods::xFileControl, file, what, argument);
}
int sectorSize(sqlite3_file* file) {
    return pass(&sqlite3_io_methods::xSectorSize, file);
}
int characteristics(sqlite3_file* file) {
    return pass(&sqlite3_io_methods::xDeviceCharacteristics, file);
}
int shmMap(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return pass(&sqlite3_io_methods::xShmMap, file, page, size, extend, out);
}
int shmLock(sqlite3_file* file, int offset, int count, int flags) {
    return pass(&sqlite3_io_methods::xShmLock, file, offset, count, flags);
}
void shmBarrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}
int shmUnmap(sqlite3_file* file, int remove) {
    return pass(&sqlite3_io_methods::xShmUnmap, file, remove);
}

// Version 2: no xFetch, so that every read and write is seen.
const sqlite3_io_methods kMethods{
    2,        closeFile,  readFile,      writeFile, truncateFile, syncFile,        sizeOfFile,
    lockFile, unlockFile, checkReserved, control,   sectorSize,   characteristics, shmMap,
    shmLock,  shmBarrier, shmUnmap,      nullptr,   nullptr};

std::vector<std::uint8_t> bytesOfFile(sqlite3_file* file) {
    sqlite3_int64 size = 0;
    pass(&sqlite3_io_methods::xFileSize, file, &size);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    if (size > 0) {
        pass(&sqlite3_io_methods::xRead, file, static_cast<void*>(bytes.data()),
             static_cast<int>(size), sqlite3_int64{0});
    }
    return bytes;
}

int openFile(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    std::lock_guard lock(disk->mutex());
    file->pMethods = nullptr;
    int existed = 0;
    if (name) machine->xAccess(machine, name, SQLITE_ACCESS_EXISTS, &existed);
    const int result = machine->xOpen(machine, name, real(file), flags, outFlags);
    if (result != SQLITE_OK) return result;
    auto* opened = new (file) File{};
    opened->base.pMethods = &kMethods;
    opened->isAudit = isAuditFile(name);
    const int kept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    if (name && (flags & kept) != 0) {
        opened->owner = new std::shared_ptr<FaultDisk::Inode>(
            disk->opened(name, existed != 0, bytesOfFile(file)));
        opened->inode = opened->owner->get();
        opened->syncsFolder = existed == 0 && (flags & SQLITE_OPEN_MAIN_DB) == 0;
    }
    return SQLITE_OK;
}

int removeFile(sqlite3_vfs*, const char* name, int syncsFolder) {
    std::lock_guard lock(disk->mutex());
    if (!isAuditFile(name)) {
        if (const auto failure = disk->next(Op::remove)) return failure->code;
    }
    const int result = machine->xDelete(machine, name, 0);
    if (result == SQLITE_OK) disk->removed(name, syncsFolder != 0);
    return result;
}

int randomness(sqlite3_vfs*, int count, char* out) {
    disk->randomBytes(reinterpret_cast<std::uint8_t*>(out), count);
    return count;
}

}  // namespace

FaultDisk& FaultDisk::install(FaultPlan plan, std::function<void()> onPowerOff) {
    disk = new FaultDisk(std::move(plan), std::move(onPowerOff));  // lives as long as the process
    machine = sqlite3_vfs_find(nullptr);
    static sqlite3_vfs vfs = *machine;
    vfs.szOsFile = machine->szOsFile + static_cast<int>(sizeof(File));
    vfs.zName = "parley-faults";
    vfs.pNext = nullptr;
    vfs.xOpen = openFile;
    vfs.xDelete = removeFile;
    vfs.xRandomness = randomness;
    sqlite3_vfs_register(&vfs, 1);
    sqlite3_randomness(0, nullptr);  // seeded anew, from this disk
    return *disk;
}

}  // namespace parley::faults
