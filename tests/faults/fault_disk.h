#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace parley::faults {

/// What SQLite asks of a disk. `change` counts write, sync, truncate and remove together.
enum class Op : std::uint8_t { write, sync, truncate, remove, read, change };
inline constexpr int kOpCount = 6;

/// Calls that fail, counted from 1: `times` of them from the `nth` on.
struct Failure {
    Op op = Op::write;
    std::uint64_t nth = 0;
    std::uint64_t times = 1;
    int code = 0;         ///< SQLite's result code
    bool partly = false;  ///< a write that fails has stored its first half
};

/// What goes wrong on a disk. The same plan and the same calls give the same disk.
struct FaultPlan {
    std::uint64_t seed = 1;
    std::optional<std::uint64_t> powerOffAt;  ///< just before this change
    std::vector<Failure> failures;
    /// Failures count calls only while this file is there; nothing: always.
    std::optional<std::filesystem::path> armedBy;
    /// The folder with the files as the disk really holds them, where reading the originals shows
    /// something else: after a sync that failed in an earlier process.
    std::optional<std::filesystem::path> durableFiles;
};

/// How a disk comes back.
enum class Survivors {
    everything,  ///< the process ended, the machine did not
    powerLoss,   ///< what was synced, and of the rest any part, in any order, torn at sectors
};

/// A small SQLite VFS on top of the machine's own that keeps what is synced apart from what is
/// written. The program under test reads its own writes as ever; `save` gives the files that
/// would be found after a crash. One a process, made before any database is opened. Directory
/// entries become durable with the first sync of a new journal or WAL, as SQLite's own VFS does
/// it; sectors that a write does not touch are safe (SQLite's "powersafe overwrite").
class FaultDisk {
public:
    /// Makes this disk the default VFS of the process. `onPowerOff` must not return.
    static FaultDisk& install(FaultPlan plan, std::function<void()> onPowerOff);

    /// Writes the files of `from` that survive into `to`. No other thread may run meanwhile, and
    /// the process ends afterwards.
    void save(Survivors survivors, const std::filesystem::path& from,
              const std::filesystem::path& to);

    std::uint64_t count(Op op) const { return counts_[static_cast<int>(op)]; }
    std::uint64_t injected() const { return injected_; }

    // What follows is called by the VFS alone.

    /// A file's bytes: `durable` is what is synced, `pending` what came after, in order.
    struct Inode {
        struct Change {
            bool isWrite = true;
            std::uint64_t offset = 0;  ///< of a truncation: the new size
            std::vector<std::uint8_t> bytes;
        };
        std::vector<std::uint8_t> durable;
        std::vector<Change> pending;
    };
    /// A name: which file it is now, and which one it would be after a power loss.
    struct Entry {
        std::shared_ptr<Inode> current;
        std::shared_ptr<Inode> durable;
    };

    std::shared_ptr<Inode> opened(const std::filesystem::path& path, bool existed,
                                  std::vector<std::uint8_t> bytes);
    /// Counts a call and says how it fails, if it does.
    std::optional<Failure> next(Op op);
    /// A sync that fails may have stored any part, and the kernel then forgets the rest: no later
    /// sync brings it back.
    void synced(Inode& inode, bool done);
    void removed(const std::string& path, bool syncFolder);
    void syncFolder();
    std::mutex& mutex() { return mutex_; }
    void randomBytes(std::uint8_t* out, int count);

private:
    FaultDisk(FaultPlan plan, std::function<void()> onPowerOff);
    std::uint64_t random(std::uint64_t below);
    std::vector<std::uint8_t> survivorsOf(const Inode& inode);

    FaultPlan plan_;
    std::function<void()> onPowerOff_;
    std::uint64_t state_;
    std::uint64_t bytesState_;  // of SQLite's own randomness
    std::mutex bytesMutex_;
    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
    std::uint64_t counts_[kOpCount] = {};
    std::uint64_t injected_ = 0;
    bool off_ = false;
};

}  // namespace parley::faults
