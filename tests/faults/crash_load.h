#pragma once

#include <parley/engine/engine.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>

namespace parley::faults {

/// What a client was told: an acknowledgement or a broadcast. It must stay in the log forever.
struct Told {
    std::int64_t position = 0;
    std::array<std::uint8_t, 16> id{};  ///< of a message; zero for other events
};

/// What a run leaves behind for its parent, in shared memory: it outlives the run's process.
struct RunReport {
    static constexpr std::size_t kToldMax = 20'000;
    std::uint64_t toldCount = 0;
    Told told[kToldMax];
    std::uint64_t refusedFull = 0;       ///< commands refused with storage_full
    std::uint64_t toldAfterFull = 0;     ///< events told after the first such refusal
    std::uint64_t refusedOtherwise = 0;  ///< by the storage, with another code: a defect
    std::uint64_t batches = 0;
    std::uint64_t copiedInBackground = 0;  ///< background copies of a large WAL
    std::uint64_t injected = 0;
    char fatal[512] = {};  ///< why the process stopped or did not start
};

/// A snapshot held from outside: from one round to another it keeps the WAL from restarting.
struct HeldSnapshot {
    int from = 0;
    int to = 0;
};

/// How a run loads the engine. All of it follows from the seed.
struct LoadPlan {
    std::uint64_t seed = 1;
    int threads = 4;
    int rounds = 20;
    std::size_t contentBytesMax = 200;
    Synchronous synchronous = Synchronous::full;
    CheckpointOptions checkpoints;
    std::optional<HeldSnapshot> snapshot;
};

/// Opens the engine on `folder` and lets several threads submit commands, in rounds: each round
/// is one batch, and readers read between the batches. The threads take turns in an order that
/// follows from the seed, so that a seed gives the same writes again. Only a plan with a snapshot
/// is not repeatable: when the snapshot ends, a thread of the engine writes among them at any
/// moment. Returns once all is done and the engine has closed its files. An engine that cannot be
/// opened is an error.
Result<void> runLoad(const std::filesystem::path& folder, const LoadPlan& plan, RunReport& report,
                     std::function<void(const std::string&)> onFatal);

}  // namespace parley::faults
