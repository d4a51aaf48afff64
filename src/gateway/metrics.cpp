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
    gauge("sessions_stored", "Sessions that can be resumed, or are in use.", engine.sessionsStored);
    counter("sessions_resumed_total", "Clients that came back to their session.",
            engine.sessionsResumed);
    counter("sessions_not_resumed_total", "Clients that came back to none.",
            engine.sessionsNotResumed);
    gauge("storage_full", "1 while the disk has no room.", engine.storageFull ? 1 : 0);
    gauge("storage_free_bytes", "Free bytes on the data folder's file system.",
          engine.storageFreeBytes);
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
