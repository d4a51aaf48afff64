#include "gateway/metrics.h"

#include <string_view>

namespace parley {
namespace {

template <typename Number>
void add(std::string& out, std::string_view name, std::string_view type, std::string_view help,
         Number value) {
    const std::string full = "parley_" + std::string(name);
    out += "# HELP " + full + ' ' + std::string(help) + "\n# TYPE " + full + ' ' +
           std::string(type) + '\n' + full + ' ' + std::to_string(value) + '\n';
}

}  // namespace

std::string metricsText(const EngineCounters& engine, const net::Counters& net,
                        std::size_t historyTailBytes) {
    std::string out;
    const auto counter = [&](auto name, auto help, auto value) {
        add(out, name, "counter", help, value);
    };
    const auto gauge = [&](auto name, auto help, auto value) {
        add(out, name, "gauge", help, value);
    };
    gauge("log_position", "Position of the last event in the log.", engine.headPosition);
    counter("events_appended_total", "Events appended since the start.", engine.eventsAppended);
    counter("batches_committed_total", "Transactions committed.", engine.batchesCommitted);
    counter("batches_failed_total", "Transactions that failed.", engine.batchesFailed);
    counter("requests_refused_total", "Commands refused.", engine.requestsRefused);
    counter("requests_busy_total", "Requests turned away, queue full.", engine.requestsBusy);
    gauge("writer_queue_requests", "Requests waiting for the writer.", engine.queueRequests);
    gauge("reader_queue_requests", "Reads waiting for a reader.", engine.readsQueued);
    gauge("conversations_loaded", "Conversation states in memory.", engine.conversationsLoaded);
    gauge("history_tail_bytes", "Newest messages kept in memory for history.", historyTailBytes);
    gauge("sqlite_memory_bytes", "Memory that SQLite holds, mostly page caches.",
          engine.sqliteBytes);
    gauge("storage_full", "1 while the disk has no room.", engine.storageFull ? 1 : 0);
    gauge("storage_free_bytes", "Free bytes on the data folder's file system.",
          engine.storageFreeBytes);
    counter("reads_cut_total", "Reads cut off by readers.time-limit.", engine.readsCut);
    gauge("database_bytes", "Size of the database file.", engine.storage.databaseBytes);
    gauge("database_growth_bytes_per_day", "Its growth with the WAL, from the last day's samples.",
          engine.storage.growthBytesPerDay);
    gauge("wal_bytes", "Size of the WAL file.", engine.storage.walBytes);
    counter("wal_warnings_total", "Times the WAL was found too large.", engine.storage.walWarnings);
    counter("typing_emptied_total", "Typing events emptied by retention.", engine.typingEmptied);
    counter("backups_made_total", "Scheduled backups made.", engine.backups.made);
    counter("backups_failed_total", "Scheduled backups that failed.", engine.backups.failed);
    gauge("backup_last_position", "Log position of the newest one; 0: none since the start.",
          engine.backups.position);
    gauge("backup_last_timestamp_seconds", "When it was made, Unix time; 0: not since the start.",
          engine.backups.at / 1000);
    counter("connections_accepted_total", "TCP connections accepted.", net.connectionsAccepted);
    gauge("connections_open", "TCP connections open.", net.connectionsOpen);
    gauge("web_sockets_open", "WebSockets open.", net.webSocketsOpen);
    gauge("sessions_open", "Engine.IO sessions open.", net.sessionsOpen);
    counter("bytes_in_total", "Bytes received.", net.bytesIn);
    counter("bytes_out_total", "Bytes sent.", net.bytesOut);
    counter("frames_out_total", "WebSocket frames sent.", net.framesOut);
    counter("slow_clients_closed_total", "Clients closed for reading too slowly.",
            net.slowClientsClosed);
    counter("accept_pauses_total", "Times accepting was paused.", net.acceptPauses);
    return out;
}

}  // namespace parley
