#include "app/cluster/genesis.h"

#include <parley/core/try.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

namespace parley::app {
namespace {

constexpr std::uint64_t kFirst = 1;
constexpr int kTries = 10;
constexpr std::chrono::milliseconds kBetweenTries{500};

BatchMessage genesisAt(std::uint64_t incarnation, const LogHead& head, const Settings& settings) {
    BatchMessage message;
    message.kind = BatchMessage::Kind::genesis;
    message.incarnation = incarnation;
    message.node = settings.cluster.node.node;
    message.after = head.position;
    message.previous = head.hash;
    return message;
}

Error isOthers(const Settings& settings) {
    return {ErrorCode::conflict, "the stream of cluster \"" + settings.cluster.node.cluster +
                                     "\" is there, and continues another log: let this node join"};
}

// Two nodes with one log may differ in what is not in the log, where one of them has applied more
// of the old stream.
std::string placeIn(const ReplicationMark& mark) {
    return '-' + std::to_string(mark.incarnation) + '-' + std::to_string(mark.sequence);
}

std::string idOf(const BatchMessage& genesis, const ReplicationMark& mark) {
    return "genesis-" + genesis.node + '-' + std::to_string(genesis.after.value) + placeIn(mark);
}

// Whether the stream's first message continues this log; then, whether it is this node's.
Result<bool> checkBegins(ReplicatedLog& log, const Replica::Place& place,
                         const Settings& settings) {
    PARLEY_TRY_ASSIGN(const auto found, readGenesis(log));
    if (!found || !continues(*found, place)) return isOthers(settings);
    return found->message.node == settings.cluster.node.node;
}

// The servers elect a leader of the stream first.
Result<bool> appendGenesis(ReplicatedLog& log, std::uint64_t incarnation,
                           const Replica::Place& place, const Settings& settings) {
    const auto genesis = genesisAt(incarnation, place.head, settings);
    for (int i = 0; i < kTries; ++i) {
        switch (log.append(0, idOf(genesis, place.mark), encode(genesis))) {
            case Append::taken: return true;
            case Append::refused: return checkBegins(log, place, settings);
            case Append::unknown: std::this_thread::sleep_for(kBetweenTries);
        }
    }
    return Error{ErrorCode::busy,
                 "the servers of cluster.nats do not take the first message: look "
                 "at them, and run this command again"};
}

// A server of NATS that was just started may need some seconds.
Result<void> makeStream(StreamConnection& stream) {
    for (int i = 1;; ++i) {
        auto made = stream.makeStream();
        if (made || made.error().code == ErrorCode::conflict) return {};
        if (made.error().code != ErrorCode::busy || i == kTries) return made;
        std::this_thread::sleep_for(kBetweenTries);
    }
}

}  // namespace

Result<bool> beginStream(StreamConnection& stream, std::uint64_t incarnation,
                         const Replica::Place& place, const Settings& settings) {
    PARLEY_TRY(makeStream(stream));
    return appendGenesis(stream.log(), incarnation, place, settings);
}

Result<std::optional<Genesis>> readGenesis(ReplicatedLog& log) {
    PARLEY_TRY_ASSIGN(const auto ends, log.ends());
    if (!ends.exists || ends.last == 0) return std::optional<Genesis>();
    PARLEY_TRY_ASSIGN(auto first, log.read(kFirst));
    if (!first) return std::optional<Genesis>();
    PARLEY_TRY_ASSIGN(auto message, decodeBatch(first->bytes));
    if (message.kind != BatchMessage::Kind::genesis) return std::optional<Genesis>();
    return std::optional(Genesis{std::move(message), std::move(first->id)});
}

bool continues(const Genesis& genesis, const Replica::Place& place) {
    return genesis.message.after == place.head.position &&
           genesis.message.previous == place.head.hash && genesis.id.ends_with(placeIn(place.mark));
}

Result<void> writeGenesis(Database& db, std::uint64_t incarnation) {
    PARLEY_TRY(db.begin());
    PARLEY_TRY(writeReplicationMark(db, genesisOf(incarnation)));
    return db.commit();
}

}  // namespace parley::app
