#include "app/cluster/genesis.h"

#include <parley/core/try.h>

#include <chrono>
#include <string>
#include <thread>

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

// Whether the stream's first message continues this log.
Result<void> checkBegins(ReplicatedLog& log, const LogHead& head, const Settings& settings) {
    PARLEY_TRY_ASSIGN(const auto found, readGenesis(log));
    return found && continues(*found, head) ? Result<void>() : isOthers(settings);
}

// The servers elect a leader of the stream first.
Result<void> appendGenesis(ReplicatedLog& log, std::uint64_t incarnation, const LogHead& head,
                           const Settings& settings) {
    const auto genesis = genesisAt(incarnation, head, settings);
    const std::string id = "genesis-" + genesis.node + '-' + std::to_string(genesis.after.value);
    for (int i = 0; i < kTries; ++i) {
        switch (log.append(0, id, encode(genesis))) {
            case Append::taken: return {};
            case Append::refused: return checkBegins(log, head, settings);
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

Result<void> beginStream(StreamConnection& stream, std::uint64_t incarnation, const LogHead& head,
                         const Settings& settings) {
    PARLEY_TRY(makeStream(stream));
    return appendGenesis(stream.log(), incarnation, head, settings);
}

Result<std::optional<BatchMessage>> readGenesis(ReplicatedLog& log) {
    PARLEY_TRY_ASSIGN(const auto ends, log.ends());
    if (!ends.exists || ends.last == 0) return std::optional<BatchMessage>();
    PARLEY_TRY_ASSIGN(const auto first, log.read(kFirst));
    if (!first) return std::optional<BatchMessage>();
    PARLEY_TRY_ASSIGN(auto found, decodeBatch(first->bytes));
    if (found.kind != BatchMessage::Kind::genesis) return std::optional<BatchMessage>();
    return std::optional(std::move(found));
}

bool continues(const BatchMessage& genesis, const LogHead& head) {
    return genesis.after == head.position && genesis.previous == head.hash;
}

Result<void> writeGenesis(Database& db, std::uint64_t incarnation) {
    PARLEY_TRY(db.begin());
    PARLEY_TRY(writeReplicationMark(db, genesisOf(incarnation)));
    return db.commit();
}

}  // namespace parley::app
