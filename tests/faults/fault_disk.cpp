#include "faults/fault_disk.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace parley::faults {
namespace {

constexpr std::uint64_t kSectorBytes = 512;

void store(std::vector<std::uint8_t>& file, std::uint64_t offset, const std::uint8_t* bytes,
           std::size_t count) {
    if (file.size() < offset + count) file.resize(offset + count);
    std::copy_n(bytes, count, file.begin() + static_cast<std::ptrdiff_t>(offset));
}

void apply(std::vector<std::uint8_t>& file, const FaultDisk::Inode::Change& change) {
    if (change.isWrite) {
        store(file, change.offset, change.bytes.data(), change.bytes.size());
    } else {
        file.resize(change.offset);
    }
}

void writeFile(const std::filesystem::path& file, const std::vector<std::uint8_t>& bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

std::vector<std::uint8_t> readFile(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

FaultDisk::FaultDisk(FaultPlan plan, std::function<void()> onPowerOff)
    : plan_(std::move(plan)),
      onPowerOff_(std::move(onPowerOff)),
      state_(plan_.seed),
      bytesState_(~plan_.seed) {}

namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
    state += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

}  // namespace

std::uint64_t FaultDisk::random(std::uint64_t below) {
    return splitmix64(state_) % below;
}

// SQLite holds its own lock here, and also takes it while files are opened: locking `mutex_` here
// would create both lock orders.
void FaultDisk::randomBytes(std::uint8_t* out, int count) {
    std::lock_guard lock(bytesMutex_);
    for (int i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(splitmix64(bytesState_));
}

std::shared_ptr<FaultDisk::Inode> FaultDisk::opened(const std::filesystem::path& path, bool existed,
                                                    std::vector<std::uint8_t> bytes) {
    auto& entry = entries_[path.string()];
    if (!entry.current) {
        entry.current = std::make_shared<Inode>();
        if (existed) {  // it existed before this process, so it is on the disk
            if (plan_.durableFiles) bytes = readFile(*plan_.durableFiles / path.filename());
            entry.current->durable = std::move(bytes);
            entry.durable = entry.current;
        }
    }
    return entry.current;
}

std::optional<Failure> FaultDisk::next(Op op) {
    const auto matches = [](const Failure& failure, Op one, std::uint64_t n) {
        return failure.op == one && n >= failure.nth && n - failure.nth < failure.times;
    };
    if (plan_.armedBy && !std::filesystem::exists(*plan_.armedBy)) return std::nullopt;
    const auto n = ++counts_[static_cast<int>(op)];
    std::uint64_t changes = 0;
    if (op != Op::read) {
        changes = ++counts_[static_cast<int>(Op::change)];
        if (plan_.powerOffAt == changes && !off_) {
            off_ = true;
            onPowerOff_();
        }
    }
    for (const auto& failure : plan_.failures) {
        if (matches(failure, op, n) || (changes > 0 && matches(failure, Op::change, changes))) {
            ++injected_;
            return failure;
        }
    }
    return std::nullopt;
}

void FaultDisk::synced(Inode& inode, bool done) {
    if (done) {
        for (const auto& change : inode.pending) apply(inode.durable, change);
    } else {
        inode.durable = survivorsOf(inode);
    }
    inode.pending.clear();
}

void FaultDisk::removed(const std::string& path, bool syncs) {
    if (const auto known = entries_.find(path); known != entries_.end()) {
        known->second.current = nullptr;
    }
    if (syncs) syncFolder();
}

void FaultDisk::syncFolder() {
    for (auto& [path, entry] : entries_) entry.durable = entry.current;
}

// Unsynced writes may have reached the disk in part, in any order, sector by sector; a file may
// have grown without its bytes.
std::vector<std::uint8_t> FaultDisk::survivorsOf(const Inode& inode) {
    std::vector<std::uint8_t> file = inode.durable;
    const auto keepOf100 = std::array<std::uint64_t, 4>{0, 100, 50, 90}[random(4)];
    auto changes = inode.pending;
    if (random(2) == 0) {
        for (std::size_t i = changes.size(); i > 1; --i)
            std::swap(changes[i - 1], changes[random(i)]);
    }
    for (const auto& change : changes) {
        if (!change.isWrite) {
            if (random(100) < keepOf100) file.resize(change.offset);
            continue;
        }
        const std::uint64_t end = change.offset + change.bytes.size();
        for (std::uint64_t from = change.offset; from < end;) {
            const auto to = std::min(end, (from / kSectorBytes + 1) * kSectorBytes);
            if (random(100) < keepOf100) {
                store(file, from, change.bytes.data() + (from - change.offset), to - from);
            }
            from = to;
        }
        if (random(8) == 0 && file.size() < end) file.resize(end);
    }
    return file;
}

void FaultDisk::save(Survivors survivors, const std::filesystem::path& from,
                     const std::filesystem::path& to) {
    off_ = true;
    for (const auto& [path, entry] : entries_) {
        const std::filesystem::path file(path);
        if (file.parent_path() != from) continue;
        if (survivors == Survivors::everything) {
            if (entry.current) std::filesystem::copy_file(file, to / file.filename());
            continue;
        }
        const bool old = entry.durable != entry.current && random(2) == 0;
        const auto& inode = old ? entry.durable : entry.current;
        if (inode) writeFile(to / file.filename(), survivorsOf(*inode));
    }
}

}  // namespace parley::faults
