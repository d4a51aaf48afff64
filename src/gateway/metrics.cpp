#include "gateway/metrics.h"

#include <parley/core/process_usage.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <type_traits>

namespace parley {
namespace {

/// Writes metric families one after the other.
class Exposition {
public:
    template <typename Number>
    void counter(std::string_view name, std::string_view help, Number value) {
        single(name, "counter", help, value);
    }
    template <typename Number>
    void gauge(std::string_view name, std::string_view help, Number value) {
        single(name, "gauge", help, value);
    }
    void family(std::string_view name, std::string_view type, std::string_view help) {
        text_ += "# HELP ";
        text_.append(name).append(" ").append(help).append("\n# TYPE ");
        text_.append(name).append(" ").append(type).append("\n");
    }
    /// `labels` with their braces; their values need no escapes.
    template <typename Number>
    void sample(std::string_view name, std::string_view labels, Number value) {
        text_.append(name).append(labels).append(" ");
        if constexpr (std::is_floating_point_v<Number>) {
            char digits[32];
            std::snprintf(digits, sizeof digits, "%.3f", value);
            text_ += digits;
        } else {
            text_ += std::to_string(value);
        }
        text_ += '\n';
    }
    std::string take() { return std::move(text_); }

private:
    template <typename Number>
    void single(std::string_view name, std::string_view type, std::string_view help, Number value) {
        family(name, type, help);
        sample(name, {}, value);
    }
    std::string text_;
};

void addLog(Exposition& out, const EngineCounters& engine) {
    out.gauge("parley_log_position", "Position of the last event in the log.", engine.headPosition);
    out.counter("parley_events_appended_total", "Events appended since the start.",
                engine.eventsAppended);
    out.counter("parley_batches_committed_total", "Transactions committed.",
                engine.batchesCommitted);
    out.counter("parley_batches_failed_total", "Transactions that failed.", engine.batchesFailed);
    out.gauge("parley_storage_full", "1 while the disk has no room.", engine.storageFull ? 1 : 0);
    out.gauge("parley_storage_free_bytes", "Free bytes on the data folder's file system.",
              engine.storageFreeBytes);
    out.gauge("parley_clock_implausible",
              "1 while the machine's clock is in doubt; /readyz says why.",
              engine.clockImplausible ? 1 : 0);
    out.counter("parley_write_lock_busy_total",
                "Transactions given up because another process held the database's write lock.",
                engine.writeLockBusy);
    out.counter("parley_typing_emptied_total", "Typing events emptied by retention.",
                engine.typingEmptied);
}

void addStorage(Exposition& out, const EngineCounters& engine) {
    out.gauge("parley_database_bytes", "Size of the database file.", engine.storage.databaseBytes);
    out.gauge("parley_database_growth_bytes_per_day",
              "Its growth with the WAL, from the last day's samples.",
              engine.storage.growthBytesPerDay);
    out.gauge("parley_wal_bytes", "Size of the WAL file.", engine.storage.walBytes);
    out.gauge("parley_wal_pages_left", "Pages of the WAL that are not yet in the database file.",
              engine.checkpoints.pagesLeft);
    out.counter("parley_checkpoints_by_writer_total", "Copies of the WAL within commits.",
                engine.checkpoints.byWriter);
    out.counter("parley_checkpoints_in_background_total",
                "Copies of a large WAL beside the writer.", engine.checkpoints.inBackground);
    out.counter("parley_wal_warnings_total", "Times the WAL was found too large.",
                engine.storage.walWarnings);
    out.counter("parley_reads_cut_total", "Reads cut off by readers.time-limit.", engine.readsCut);
    out.counter("parley_backups_made_total", "Scheduled backups made.", engine.backups.made);
    out.counter("parley_backups_failed_total", "Scheduled backups that failed.",
                engine.backups.failed);
    out.gauge("parley_backup_last_position",
              "Log position of the newest one; 0: none since the start.", engine.backups.position);
    out.gauge("parley_backup_last_timestamp_seconds",
              "When it was made, Unix time; 0: not since the start.", engine.backups.at / 1000);
}

void addQueues(Exposition& out, const Shared& shared, const EngineCounters& engine) {
    const net::MailboxLoad mailbox = shared.server->mailbox();
    out.counter("parley_requests_refused_total", "Commands refused by the rules of the chat.",
                engine.requestsRefused);
    out.counter("parley_requests_busy_total",
                "Requests turned away because the writer's queue or a loop's mailbox was full.",
                engine.requestsBusy + shared.requestsBusy.load(std::memory_order_relaxed));
    out.counter("parley_reads_total", "Reads that a reader has begun.", engine.readsBegun);
    out.counter("parley_reads_large_total", "Reads begun where the large ones wait.",
                engine.largeReads);
    out.counter("parley_reads_failed_total", "Reads that were refused with `internal`.",
                engine.readsFailed);
    out.counter("parley_reads_repeated_total",
                "Reads made once more, as broadcasts had overtaken them.",
                shared.readsRepeated.load(std::memory_order_relaxed));
    out.gauge("parley_reads_waiting",
              "Reads that wait until their clients have taken earlier answers.",
              shared.readsWaiting.load(std::memory_order_relaxed));
    out.gauge("parley_answers_held_bytes", "Answers read that wait until their clients take them.",
              shared.answersHeldBytes.load(std::memory_order_relaxed));
    out.counter("parley_reads_busy_total",
                "Reads turned away because their queue was full or too many answers wait.",
                engine.readsBusy + shared.readsBusy.load(std::memory_order_relaxed));
    out.counter("parley_malformed_packets_total",
                "Sessions closed because the client sent what is no packet.",
                shared.malformed.sessions());
    out.gauge("parley_requests_in_flight", "Requests submitted and not answered.",
              shared.requestsInFlight.load(std::memory_order_relaxed));
    out.gauge("parley_writer_queue_requests", "Requests waiting for the writer.",
              engine.queueRequests);
    out.gauge("parley_writer_queue_bytes", "Bytes of text in the requests waiting for the writer.",
              engine.queueBytes);
    out.gauge("parley_reader_queue_large", "Large reads waiting for their reader.",
              engine.largeReadsQueued);
    out.gauge("parley_reader_queue_requests", "Reads waiting for a reader.", engine.readsQueued);
    out.gauge("parley_mailbox_tasks", "Tasks waiting for the loop that has most of them.",
              mailbox.tasks);
    out.gauge("parley_mailbox_bytes", "Frames waiting for the loop that has most of them.",
              mailbox.bytes);
    out.gauge("parley_conversations_loaded", "Conversation states in memory.",
              engine.conversationsLoaded);
    out.gauge("parley_history_tail_bytes", "Newest messages kept in memory for history.",
              shared.tails.bytes());
    out.gauge("parley_sqlite_memory_bytes", "Memory that SQLite holds, mostly page caches.",
              engine.sqliteBytes);
    out.gauge("parley_connections_joined", "Connections that are members of rooms.",
              engine.connectionsJoined);
    out.gauge("parley_typing_users", "Users typing now.", engine.typing);
    out.gauge("parley_rooms", "Rooms with members, counted on each loop.",
              shared.rooms.load(std::memory_order_relaxed));
    out.gauge("parley_sessions_stored", "Sessions that can be resumed, or are in use.",
              engine.sessionsStored);
    out.counter("parley_sessions_evicted_total",
                "Sessions that dropped first and went, beyond sessions.max.",
                engine.sessionsEvicted);
    out.counter("parley_sessions_not_stored_total",
                "Sessions not stored, as all of sessions.max have a connection.",
                engine.sessionsNotStored);
    out.counter("parley_sessions_resumed_total", "Clients that came back to their session.",
                engine.sessionsResumed);
    out.counter("parley_sessions_not_resumed_total", "Clients that came back to none.",
                engine.sessionsNotResumed);
    out.gauge("parley_room_members", "Subscriptions of connections to rooms.",
              shared.subscriptions.load(std::memory_order_relaxed));
}

void addNetwork(Exposition& out, const net::Counters& net) {
    out.counter("parley_connections_accepted_total", "TCP connections accepted.",
                net.connectionsAccepted);
    out.gauge("parley_connections_open", "TCP connections open.", net.connectionsOpen);
    out.gauge("parley_web_sockets_open", "WebSockets open.", net.webSocketsOpen);
    out.gauge("parley_sessions_open", "Engine.IO sessions open.", net.sessionsOpen);
    out.gauge("parley_polls_parked", "Long-polls that wait for something to say.", net.pollsParked);
    out.gauge("parley_timers", "Timers of connections that run.", net.timers);
    out.counter("parley_bytes_in_total", "Bytes received.", net.bytesIn);
    out.counter("parley_bytes_out_total", "Bytes sent.", net.bytesOut);
    out.counter("parley_frames_out_total", "WebSocket frames sent.", net.framesOut);
    out.gauge("parley_outbox_bytes", "Bytes queued for clients, a shared frame each time.",
              net.outboxBytes);
    out.gauge("parley_clients_paused",
              "Clients that are not read until they take what they were sent.", net.clientsPaused);
    out.counter("parley_frames_dropped_total", "Typing frames that slow clients did not get.",
                net.framesDropped);
    out.counter("parley_slow_clients_closed_total", "Clients closed for reading too slowly.",
                net.slowClientsClosed);
    out.counter("parley_ping_timeouts_total", "Sessions closed for want of a pong.",
                net.pingTimeouts);
    out.counter("parley_accept_pauses_total", "Times accepting was paused.", net.acceptPauses);
    out.gauge("parley_accept_paused", "1 while accepting is paused.", net.acceptPaused ? 1 : 0);
    constexpr std::string_view kRefused = "parley_connections_refused_total";
    out.family(kRefused, "counter", "Connections and handshakes refused by the network side.");
    for (std::size_t i = 0; i < net::kRefusedCount; ++i) {
        const auto name = net::refusedName(static_cast<net::Refused>(i));
        out.sample(kRefused, "{reason=\"" + std::string(name) + "\"}", net.refused[i]);
    }
}

void addProcess(Exposition& out, const Shared& shared) {
    const ProcessUsage usage = processUsage();
    const double now = static_cast<double>(shared.clock.now().value) / 1000;
    out.family("parley_build_info", "gauge", "The version that runs.");
    out.sample("parley_build_info", "{version=\"" + shared.options.version + "\"}", 1);
    out.gauge("parley_uptime_seconds", "Seconds since the process started.",
              std::max(now - usage.startedAt, 0.0));
    out.gauge("parley_draining", "1 while the server stops.",
              shared.draining.load(std::memory_order_relaxed) ? 1 : 0);
    out.gauge("process_start_time_seconds", "When the process started, Unix time.",
              usage.startedAt);
    out.counter("process_cpu_seconds_total", "User and system CPU time.", usage.cpuSeconds);
    out.gauge("process_resident_memory_bytes", "Memory in RAM.", usage.residentBytes);
    out.gauge("process_virtual_memory_bytes", "Memory mapped.", usage.virtualBytes);
    out.gauge("process_open_fds", "File descriptors open.", usage.openDescriptors);
    out.gauge("process_max_fds", "File descriptors allowed.", usage.descriptorsMax);
}

}  // namespace

std::string metricsText(const Shared& shared) {
    Exposition out;
    const EngineCounters engine = shared.engine->counters();
    addLog(out, engine);
    addStorage(out, engine);
    addQueues(out, shared, engine);
    addNetwork(out, shared.server->counters());
    addProcess(out, shared);
    return out.take();
}

}  // namespace parley
