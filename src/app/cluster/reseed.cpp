#include "app/cluster/reseed.h"

#include "app/cluster/genesis.h"
#include "app/cluster/heard_marks.h"
#include "app/cluster/node_folder.h"
#include "app/cluster/stream_connection.h"

#include <parley/core/try.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/hash_chain.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

namespace parley::app {
namespace {

constexpr int kTries = 20;
constexpr int kLooks = 10;
constexpr std::uint64_t kIncarnationsAhead = 4;
constexpr std::chrono::milliseconds kBetweenTries{500};

Error conflict(std::string message) {
    return {ErrorCode::conflict, std::move(message)};
}

// Servers that were just started elect first.
Result<StreamEnds> endsOf(StreamConnection& stream) {
    for (int i = 1;; ++i) {
        auto ends = stream.log().ends();
        if (ends || i == kTries) return ends;
        std::this_thread::sleep_for(kBetweenTries);
    }
}

/// The stream that a later reseeding than this node's has begun.
struct Newer {
    std::uint64_t incarnation = 0;
    Genesis genesis;
};

// One that has no first message was cut short, and is begun again. A number may be left out: where
// other nodes had followed a stream that this one never saw.
Result<std::optional<Newer>> newestAfter(std::uint64_t incarnation, const ClusterOptions& options,
                                         const Clock& clock) {
    std::optional<Newer> newest;
    auto last = incarnation + kIncarnationsAhead;
    for (auto next = incarnation + 1; next <= last; ++next) {
        PARLEY_TRY_ASSIGN(const auto stream, StreamConnection::open(options, next, clock));
        PARLEY_TRY(endsOf(*stream));
        PARLEY_TRY_ASSIGN(auto genesis, readGenesis(stream->log()));
        if (!genesis) continue;
        newest = Newer{next, std::move(*genesis)};
        last = next + kIncarnationsAhead;
    }
    return newest;
}

Result<void> checkFollows(const Newer& newer, const Replica::Place& place) {
    if (continues(newer.genesis, place)) return {};
    const auto& by = newer.genesis.message.node;
    return conflict("the new stream, begun by node " + by + ", continues a log up to position " +
                    std::to_string(newer.genesis.message.after.value) +
                    ", and this node is at position " + std::to_string(place.head.position.value) +
                    ", message " + std::to_string(place.mark.sequence) +
                    " of the old stream: move the data folder away and keep it, and let the node "
                    "join from a backup of " +
                    by);
}

// Servers that have just started may not know a stream yet, so one look is not enough.
Result<void> checkIsLost(StreamConnection& stream, const ReplicationMark& mark) {
    StreamEnds ends;
    for (int i = 0; i < kLooks; ++i) {
        if (i > 0) std::this_thread::sleep_for(kBetweenTries);
        PARLEY_TRY_ASSIGN(ends, endsOf(stream));
        if (ends.exists && ends.last >= mark.sequence) break;
    }
    if (!ends.exists || ends.last < mark.sequence) return {};
    return conflict("the stream is whole: it goes to message " + std::to_string(ends.last) +
                    ", and this node has " + std::to_string(mark.sequence) + ". Start the nodes");
}

// A node that has less must have the beginning of this log.
Result<void> checkIsBehind(const NodeMark& other, Database& db, const LogHead& head) {
    if (other.position > head.position) {
        return conflict("node " + other.name + " is further, at position " +
                        std::to_string(other.position.value) + " instead of " +
                        std::to_string(head.position.value) + ": stop it and reseed there");
    }
    if (other.position.value == 0) return {};
    PARLEY_TRY_ASSIGN(const auto there, readHeadAt(db, other.position));
    if (there && fingerprintOf(there->hash) == other.fingerprint) return {};
    return conflict("node " + other.name + " has another event at position " +
                    std::to_string(other.position.value) +
                    " than this one: keep both folders, and let the node that is wrong join anew");
}

// Returns the number of the newest stream that any of them has followed.
Result<std::uint64_t> checkOthers(StreamConnection& stream, const Settings& settings,
                                  const std::set<std::string>& without, Database& db,
                                  const LogHead& head) {
    const auto& node = settings.cluster.node;
    const auto marks = heardMarks(stream.bus(), node.cluster);
    std::uint64_t newest = 0;
    for (const auto& [name, mark] : marks) {
        newest = std::max(newest, mark.applied.incarnation);
        if (name != node.node) PARLEY_TRY(checkIsBehind(mark, db, head));
    }
    std::string missing;
    for (const auto& voter : node.voters) {
        if (voter == node.node || marks.contains(voter) || without.contains(voter)) continue;
        missing += (missing.empty() ? "" : ", ") + voter;
    }
    if (missing.empty()) return newest;
    return Error{ErrorCode::unavailable,
                 "these voters are not heard: " + missing +
                     ". Start them, so that it is known how far they are, or name them with "
                     "--without: what only they have is lost then, and they join anew"};
}

}  // namespace

Result<Reseeded> reseed(const Settings& settings, const std::set<std::string>& without,
                        const Clock& clock) {
    const auto& data = settings.engine.dataFolder;
    PARLEY_TRY_ASSIGN(const auto place, readPlaceFor(data, true));
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(data));
    PARLEY_TRY_ASSIGN(const auto db, Database::openWriter(folder->database()));
    const auto& options = settings.cluster;
    const auto& mark = place->mark;
    PARLEY_TRY_ASSIGN(const auto newer, newestAfter(mark.incarnation, options, clock));
    if (newer) {
        PARLEY_TRY(checkFollows(*newer, *place));
        PARLEY_TRY(writeGenesis(*db, newer->incarnation));
        const bool isOwn = newer->genesis.message.node == options.node.node;
        return Reseeded{newer->incarnation, isOwn, place->head};
    }
    PARLEY_TRY_ASSIGN(const auto old, StreamConnection::open(options, mark.incarnation, clock));
    PARLEY_TRY(checkIsLost(*old, mark));
    PARLEY_TRY_ASSIGN(const auto heard, checkOthers(*old, settings, without, *db, place->head));
    // The servers may have no room for both.
    PARLEY_TRY(old->removeStream());
    const auto next = std::max(mark.incarnation, heard) + 1;
    PARLEY_TRY_ASSIGN(const auto stream, StreamConnection::open(options, next, clock));
    PARLEY_TRY_ASSIGN(const bool hasBegun, beginStream(*stream, next, *place, settings));
    PARLEY_TRY(writeGenesis(*db, next));
    return Reseeded{next, hasBegun, place->head};
}

}  // namespace parley::app
