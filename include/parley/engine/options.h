#pragma once

#include <parley/core/limits.h>
#include <parley/log/database.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace parley {

/// Backups that the server makes by itself. docs/backup.md
struct BackupOptions {
    std::chrono::milliseconds every{0};        ///< from one to the next; 0: none
    int keep = 7;                              ///< older ones of its own are removed
    std::filesystem::path folder = "backups";  ///< relative to the data folder
};

/// When the WAL is copied back into the database, in its pages of 4 KiB. Only tests change them.
struct CheckpointOptions {
    int inlinePages = 1000;      ///< from this many on by the writer, within its commits
    int backgroundPages = 4000;  ///< from this many on by a thread beside it
    int finishPages = 1000;      ///< when no more than this are left, by the writer again
    int atOncePages = 262'144;   ///< 1 GiB: the writer copies what is left, whatever that costs
};

class Gate;

/// How the engine behaves. Fixed once it runs. Ranges are those of the settings
/// (docs/configuration.md); tests take smaller numbers to reach a limit.
struct EngineOptions {
    std::filesystem::path dataFolder;               ///< made where it is not there
    std::chrono::milliseconds typingTimeout{6000};  ///< typing without news stops by itself
    std::chrono::milliseconds typingRetention{30LL * 24 * 3'600'000};  ///< 0: for ever
    std::size_t queueRequestsMax = 20'000;         ///< waiting for the writer; beyond it `busy`
    std::size_t queueBytesMax = 64 * 1024 * 1024;  ///< text in these requests, likewise
    std::size_t roomsPerConnectionMax = 1000;      ///< one connection may join
    std::size_t participantsMax = 1000;            ///< of a conversation; more may not join
    std::size_t typingMax = 100'000;               ///< users typing at once, in all conversations
    std::size_t conversationsLoadedMax = 20'000;   ///< states kept in memory
    bool customersChooseIds = true;               ///< with tokens: of conversations that they start
    int readers = 2;                              ///< threads of the reader pool
    std::size_t readsQueuedMax = 10'000;          ///< waiting for a reader; beyond it `busy`
    std::int64_t warnFreeBytes = 1LL << 30;       ///< less free space is logged; 0: never
    Synchronous synchronous = Synchronous::full;  ///< only a test changes it
    std::chrono::milliseconds readTimeLimit{2000};  ///< a read that takes longer is cut off
    BackupOptions backup;
    CheckpointOptions checkpoints;
    Gate* gate = nullptr;      ///< of a cluster (engine/gate.h); null: a single node
    bool stepped = false;      ///< for tests: the writer has no thread and works in Engine::step
    bool acceptClock = false;  ///< start although the clock is far behind the log's last time
    /// For how long a session can be resumed after its connection went away, by the wall clock.
    std::chrono::milliseconds sessionRetention{std::chrono::hours(30 * 24)};
    /// Sessions stored; beyond it the one that dropped first goes. Where all have a connection, a
    /// new client gets no row, and starts over when it comes back.
    std::size_t sessionsMax = 100'000;
    std::int64_t replayEventsMax = limits::kReplayEventsMax;  ///< a larger gap is not recovered
    /// Called when the disk may hold less, or more, than was promised, with what is wrong and what
    /// to do; on the writer's thread or on the one that watches the files, so perhaps on both. Must
    /// end the process: a wrong log is worse than no service. Where it is empty, or returns, the
    /// engine aborts the process.
    std::function<void(const std::string& why)> onFatal;
};

}  // namespace parley
