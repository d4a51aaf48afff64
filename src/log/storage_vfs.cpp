#include "log/storage_vfs.h"

#include <sqlite3.h>

#include <cerrno>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

namespace parley {
namespace {

// SQLite's unix VFS takes less than 128 KiB at once. A commit of 15 pages fits.
constexpr std::size_t kGatheredBytesMax = 64 * 1024;

// Takes a const std::function<bool()>*. SQLite keeps the numbers below 100 for itself.
constexpr int kAskBeforeReads = 4711;

/// Our VFS and the one beneath it. SQLite keeps a pointer to `vfs` for ever.
struct Layer {
    sqlite3_vfs vfs;  // first: SQLite hands it to openFile, which wants the layer
    sqlite3_vfs* beneath;
    std::string name;
};
static_assert(std::is_standard_layout_v<Layer>);

/// An open file; the file object of the VFS beneath lies behind it.
struct File {
    sqlite3_file base{};
    std::vector<char>* gathered = nullptr;               ///< of a WAL alone
    sqlite3_int64 from = 0;                              ///< where in the file `gathered` begins
    const std::function<bool()>* interrupted = nullptr;  ///< asked before each read
};

// SQLite aligns the memory of a file object, and expects the object inside it to be aligned too.
constexpr std::size_t kFileBytes = (sizeof(File) + 15) / 16 * 16;

File& fileOf(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}

sqlite3_file* real(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kFileBytes);
}

template <typename Call, typename... Args>
int pass(Call call, sqlite3_file* file, Args... args) {
    return (real(file)->pMethods->*call)(real(file), args...);
}

// The system's error of the last call that failed.
int lastErrno(sqlite3_file* file) {
    int error = 0;
    pass(&sqlite3_io_methods::xFileControl, file, SQLITE_FCNTL_LAST_ERRNO,
         static_cast<void*>(&error));
    return error;
}

int writeNow(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    const int result = pass(&sqlite3_io_methods::xWrite, file, bytes, count, offset);
    return result == SQLITE_IOERR_WRITE && lastErrno(file) == EFBIG ? SQLITE_FULL : result;
}

// A failed write is not repeated: SQLite rolls the transaction back and writes the same place anew.
int letGo(sqlite3_file* file) {
    File& wal = fileOf(file);
    if (wal.gathered->empty()) return SQLITE_OK;
    const int result =
        writeNow(file, wal.gathered->data(), static_cast<int>(wal.gathered->size()), wal.from);
    wal.gathered->clear();
    return result;
}

template <auto call, typename... Args>
int afterLettingGo(sqlite3_file* file, Args... args) {
    if (const int result = letGo(file); result != SQLITE_OK) return result;
    return pass(call, file, args...);
}

int readUnlessInterrupted(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
    const auto* interrupted = fileOf(file).interrupted;
    if (interrupted && *interrupted && (*interrupted)()) return SQLITE_INTERRUPT;
    return pass(&sqlite3_io_methods::xRead, file, bytes, count, offset);
}

int control(sqlite3_file* file, int operation, void* argument) {
    if (operation != kAskBeforeReads) {
        return pass(&sqlite3_io_methods::xFileControl, file, operation, argument);
    }
    fileOf(file).interrupted = static_cast<const std::function<bool()>*>(argument);
    return SQLITE_OK;
}

template <auto call, typename... Args>
int passed(sqlite3_file* file, Args... args) {
    return pass(call, file, args...);
}

int gather(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    File& wal = fileOf(file);
    const auto size = static_cast<std::size_t>(count);
    const auto end = wal.from + static_cast<sqlite3_int64>(wal.gathered->size());
    if (offset != end || wal.gathered->size() + size > kGatheredBytesMax) {
        if (const int result = letGo(file); result != SQLITE_OK) return result;
    }
    if (size > kGatheredBytesMax) return writeNow(file, bytes, count, offset);
    if (wal.gathered->empty()) wal.from = offset;
    const auto* first = static_cast<const char*>(bytes);
    wal.gathered->insert(wal.gathered->end(), first, first + size);  // within what is reserved
    return SQLITE_OK;
}

int closeWal(sqlite3_file* file) {
    const int written = letGo(file);
    delete fileOf(file).gathered;
    const int closed = pass(&sqlite3_io_methods::xClose, file);
    return written == SQLITE_OK ? closed : written;
}

void shmBarrier(sqlite3_file* file) {
    real(file)->pMethods->xShmBarrier(real(file));
}

// Version 2: no xFetch, for nothing is mapped into memory.
constexpr sqlite3_io_methods methodsOfAnyFile() {
    sqlite3_io_methods methods{};
    methods.iVersion = 2;
    methods.xClose = passed<&sqlite3_io_methods::xClose>;
    methods.xRead = readUnlessInterrupted;
    methods.xWrite = writeNow;
    methods.xTruncate = passed<&sqlite3_io_methods::xTruncate, sqlite3_int64>;
    methods.xSync = passed<&sqlite3_io_methods::xSync, int>;
    methods.xFileSize = passed<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
    methods.xLock = passed<&sqlite3_io_methods::xLock, int>;
    methods.xUnlock = passed<&sqlite3_io_methods::xUnlock, int>;
    methods.xCheckReservedLock = passed<&sqlite3_io_methods::xCheckReservedLock, int*>;
    methods.xFileControl = control;
    methods.xSectorSize = passed<&sqlite3_io_methods::xSectorSize>;
    methods.xDeviceCharacteristics = passed<&sqlite3_io_methods::xDeviceCharacteristics>;
    methods.xShmMap = passed<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>;
    methods.xShmLock = passed<&sqlite3_io_methods::xShmLock, int, int, int>;
    methods.xShmBarrier = shmBarrier;
    methods.xShmUnmap = passed<&sqlite3_io_methods::xShmUnmap, int>;
    return methods;
}

constexpr sqlite3_io_methods methodsOfWal() {
    sqlite3_io_methods methods = methodsOfAnyFile();
    methods.xClose = closeWal;
    methods.xRead = afterLettingGo<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>;
    methods.xWrite = gather;
    methods.xTruncate = afterLettingGo<&sqlite3_io_methods::xTruncate, sqlite3_int64>;
    methods.xSync = afterLettingGo<&sqlite3_io_methods::xSync, int>;
    methods.xFileSize = afterLettingGo<&sqlite3_io_methods::xFileSize, sqlite3_int64*>;
    return methods;
}

constexpr sqlite3_io_methods kMethods = methodsOfAnyFile();
constexpr sqlite3_io_methods kWalMethods = methodsOfWal();

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    sqlite3_vfs* beneath = reinterpret_cast<Layer*>(vfs)->beneath;
    auto* opened = new (file) File;
    const int result = beneath->xOpen(beneath, name, real(file), flags, outFlags);
    if (result != SQLITE_OK) return result;  // without methods: SQLite does not close it
    if ((flags & SQLITE_OPEN_WAL) == 0) {
        opened->base.pMethods = &kMethods;
        return SQLITE_OK;
    }
    try {
        auto gathered = std::make_unique<std::vector<char>>();
        gathered->reserve(kGatheredBytesMax);
        opened->gathered = gathered.release();
    } catch (const std::bad_alloc&) {
        pass(&sqlite3_io_methods::xClose, file);
        return SQLITE_NOMEM;
    }
    opened->base.pMethods = &kWalMethods;
    return SQLITE_OK;
}

void stack(Layer& layer, sqlite3_vfs& beneath) {
    layer.vfs = beneath;
    layer.beneath = &beneath;
    layer.name = std::string("parley-") + beneath.zName;
    layer.vfs.zName = layer.name.c_str();
    layer.vfs.pNext = nullptr;
    layer.vfs.szOsFile = static_cast<int>(kFileBytes) + beneath.szOsFile;
    layer.vfs.xOpen = openFile;
}

}  // namespace

void interruptReadsWhen(sqlite3* db, const std::function<bool()>& interrupted) {
    sqlite3_file_control(db, "main", kAskBeforeReads,
                         const_cast<std::function<bool()>*>(&interrupted));
}

const char* storageVfs() {
    static std::mutex mutex;
    static auto& layers = *new std::list<Layer>;  // databases may outlive static objects
    const std::lock_guard lock(mutex);
    sqlite3_vfs* beneath = sqlite3_vfs_find(nullptr);
    if (!beneath) return nullptr;
    for (const auto& layer : layers) {
        if (layer.beneath == beneath) return layer.vfs.zName;
    }
    stack(layers.emplace_back(), *beneath);
    if (sqlite3_vfs_register(&layers.back().vfs, 0) == SQLITE_OK) return layers.back().vfs.zName;
    layers.pop_back();
    return nullptr;
}

}  // namespace parley
