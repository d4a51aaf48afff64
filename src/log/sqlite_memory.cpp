#include <parley/log/sqlite_memory.h>

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <numeric>

namespace parley {
namespace {

// SQLite counts under one lock for the whole process, twice in every allocation. A message takes
// 4 % more instructions with it, and the writer waits for readers (decision 114).
constexpr std::size_t kShards = 16;
constexpr std::size_t kCacheLine = 64;

struct alignas(kCacheLine) Shard {
    std::atomic<std::int64_t> bytes{0};  // below 0 where other threads freed what this one took
};

constinit std::array<Shard, kShards> shards{};
constinit std::atomic<std::size_t> threads{0};
constinit thread_local Shard* mine = nullptr;
constinit sqlite3_mem_methods plain{};  // as SQLite is built

void count(std::int64_t bytes) {
    if (!mine) mine = &shards[threads.fetch_add(1, std::memory_order_relaxed) % kShards];
    mine->bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void* take(int bytes) {
    void* taken = plain.xMalloc(bytes);
    if (taken) count(plain.xSize(taken));
    return taken;
}

void release(void* taken) {
    count(-plain.xSize(taken));
    plain.xFree(taken);
}

void* resize(void* taken, int bytes) {
    const int before = plain.xSize(taken);
    void* resized = plain.xRealloc(taken, bytes);
    if (resized) count(plain.xSize(resized) - before);
    return resized;
}

// Before main: SQLite takes it only before it is used for the first time.
bool countWithoutLock() {
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain) != SQLITE_OK) return false;
    sqlite3_mem_methods counted = plain;
    counted.xMalloc = take;
    counted.xFree = release;
    counted.xRealloc = resize;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &counted) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
}

const bool countsWithoutLock = countWithoutLock();

}  // namespace

std::uint64_t sqliteMemoryBytes() {
    if (!countsWithoutLock) return static_cast<std::uint64_t>(sqlite3_memory_used());
    const auto sum = [](std::int64_t bytes, const Shard& shard) {
        return bytes + shard.bytes.load(std::memory_order_relaxed);
    };
    const auto all = std::accumulate(shards.begin(), shards.end(), std::int64_t{0}, sum);
    return all < 0 ? 0 : static_cast<std::uint64_t>(all);
}

}  // namespace parley
