// The product with named kill points. PARLEY_KILL_AT=POINT:N ends the process with SIGKILL when it
// passes POINT for the N-th time:
//   wal-write    half of a write to the WAL is done, the rest never is
//   wal-sync     before the WAL is synced: a commit is written, but not durable
//   wal-synced   after the WAL was synced: a commit is durable, but nobody was told
//   db-write     half of a write to the database file: in a checkpoint, or while a new file is made
//   write        wal-write and db-write together: in whichever write comes
// POINT:N:armed counts from the first SIGUSR2 on, otherwise every pass counts. All of Parley is
// linked unchanged; the kill points are in SQLite's file methods.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <signal.h>
#include <string_view>
#include <unistd.h>

namespace {

enum class File { database, wal };

constexpr std::string_view kPoints[] = {"wal-write", "wal-sync", "wal-synced", "db-write", "write"};

struct Plan {
    std::string_view point;
    std::atomic<long> left{0};
    std::atomic<bool> armed{true};
};
Plan plan;

bool dueAt(std::string_view point) {
    return plan.point == point && plan.armed.load() && plan.left.fetch_sub(1) == 1;
}

void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

// SQLite's own methods, and copies with write and sync replaced: one pair per kind of file. All
// files of a kind have the same methods on the file systems that tests use.
struct Methods {
    const sqlite3_io_methods* real = nullptr;
    sqlite3_io_methods killing{};
};
Methods databaseMethods;
Methods walMethods;

template <File kind>
Methods& methodsOf() {
    return kind == File::wal ? walMethods : databaseMethods;
}

template <File kind>
int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    const auto* real = methodsOf<kind>().real;
    if (dueAt(kind == File::wal ? "wal-write" : "db-write") || dueAt("write")) {
        real->xWrite(file, bytes, count / 2, offset);
        die();
    }
    return real->xWrite(file, bytes, count, offset);
}

int syncWal(sqlite3_file* file, int flags) {
    if (dueAt("wal-sync")) die();
    const int status = walMethods.real->xSync(file, flags);
    if (dueAt("wal-synced")) die();
    return status;
}

template <File kind>
void arm(sqlite3_file* file) {
    auto& methods = methodsOf<kind>();
    if (methods.real == nullptr) {
        methods.killing = *file->pMethods;
        methods.killing.xWrite = write<kind>;
        if (kind == File::wal) methods.killing.xSync = syncWal;
        methods.real = file->pMethods;
    }
    if (methods.real != file->pMethods) {
        std::fputs("kill_points: files of one kind with different methods\n", stderr);
        std::abort();
    }
    file->pMethods = &methods.killing;
}

sqlite3_vfs* realVfs = nullptr;
sqlite3_vfs killingVfs;

bool isAudit(const char* name) {
    return name != nullptr && std::string_view(name).find("/audit.db") != std::string_view::npos;
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    const int status = realVfs->xOpen(realVfs, name, file, flags, outFlags);
    // Only the writer's connection writes, and it opens its files alone, before any reader. What is
    // written to audit.db is no step of a commit.
    if (status != SQLITE_OK || (flags & SQLITE_OPEN_READONLY) != 0 || isAudit(name)) return status;
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) arm<File::database>(file);
    if ((flags & SQLITE_OPEN_WAL) != 0) arm<File::wal>(file);
    return status;
}

// Parses POINT:N or POINT:N:armed; returns false if it is neither.
bool readPlan(std::string_view given) {
    const auto colon = given.find(':');
    if (colon == std::string_view::npos) return false;
    plan.point = given.substr(0, colon);
    char* end = nullptr;
    plan.left = std::strtol(given.data() + colon + 1, &end, 10);
    plan.armed = *end == '\0';
    return std::ranges::find(kPoints, plan.point) != std::end(kPoints) && plan.left > 0 &&
           (plan.armed || std::string_view(end) == ":armed");
}

// Runs before main, because SQLite must not be used earlier.
const bool installed = [] {
    const char* given = std::getenv("PARLEY_KILL_AT");
    if (given == nullptr) return false;
    if (!readPlan(given)) {
        std::fprintf(stderr, "PARLEY_KILL_AT=%s: expected POINT:N or POINT:N:armed\n", given);
        std::exit(2);
    }
    struct sigaction arm {};
    arm.sa_handler = [](int) { plan.armed = true; };
    arm.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR2, &arm, nullptr);
    realVfs = sqlite3_vfs_find(nullptr);
    killingVfs = *realVfs;
    killingVfs.zName = "killing";
    killingVfs.pNext = nullptr;
    killingVfs.xOpen = open;
    return sqlite3_vfs_register(&killingVfs, 1) == SQLITE_OK;
}();

}  // namespace
