#include "app/cluster/cluster_status.h"

#include "app/cluster/stream_connection.h"

#include <parley/cluster/node_mark.h>
#include <parley/core/try.h>

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

namespace parley::app {
namespace {

constexpr std::chrono::milliseconds kListening{2000};

/// The newest mark of each node. Any thread.
class Marks {
public:
    void hear(std::string_view bytes) {
        auto mark = decodeMark(bytes);
        if (!mark) return;
        const std::lock_guard lock(mutex_);
        marks_.insert_or_assign(mark->name, *mark);
    }
    std::map<std::string, NodeMark> take() {
        const std::lock_guard lock(mutex_);
        return std::move(marks_);
    }

private:
    std::mutex mutex_;
    std::map<std::string, NodeMark> marks_;
};

std::string roleOf(const NodeMark& mark, bool isVoter) {
    if (mark.leads) return "leader";
    return isVoter ? "follower" : "reader";
}

}  // namespace

Result<void> printClusterStatus(const ClusterOptions& options, const Clock& clock) {
    auto marks = std::make_shared<Marks>();
    auto listener = options;
    listener.node.node += listener.node.node.size() < 60 ? "-ask" : "";
    PARLEY_TRY_ASSIGN(const auto stream, StreamConnection::open(listener, 1, clock));
    stream->bus().listen("parley." + options.node.cluster + ".mark.*",
                         [marks](std::string_view, std::string_view bytes) { marks->hear(bytes); });
    std::this_thread::sleep_for(kListening);
    const auto found = marks->take();
    const std::set<std::string> voters(options.node.voters.begin(), options.node.voters.end());
    std::cout << fmt::format("{:<20} {:<9} {:>6} {:>10} {:>12}\n", "node", "role", "epoch",
                             "message", "position");
    for (const auto& [name, mark] : found) {
        std::cout << fmt::format("{:<20} {:<9} {:>6} {:>10} {:>12}\n", name,
                                 roleOf(mark, voters.contains(name)), mark.applied.epoch,
                                 mark.applied.sequence, mark.position.value);
    }
    for (const auto& name : voters) {
        if (!found.contains(name)) std::cout << fmt::format("{:<20} not heard\n", name);
    }
    if (const auto ends = stream->log().ends(); ends && ends->exists) {
        std::cout << fmt::format("stream: messages {} to {}, {} bytes on each server\n",
                                 ends->first, ends->last, ends->bytes);
    } else {
        std::cout << (ends ? "stream: there is none\n" : "stream: no server answers\n");
    }
    if (!found.empty()) return {};
    return Error{ErrorCode::unavailable, "no node of the cluster is heard"};
}

}  // namespace parley::app
