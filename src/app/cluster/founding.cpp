#include "app/cluster/founding.h"

#include "app/cluster/node_folder.h"
#include "app/cluster/stream_connection.h"

#include <parley/cluster/batch_message.h>
#include <parley/core/random.h>
#include <parley/core/try.h>
#include <parley/engine/engine.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/log_head.h>
#include <parley/log/replication_mark.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace parley::app {
namespace {

constexpr ReplicationMark kGenesis{1, 0, 1};
constexpr int kTries = 10;
constexpr std::chrono::milliseconds kBetweenTries{500};

class NoSink final : public OutcomeSink {
public:
    void publish(BatchOutcome) override {}
};

// As a server's start: the database is made, checked and migrated.
Result<void> prepare(const Settings& settings, const Clock& clock) {
    NoSink sink;
    SystemRandom random;
    EngineOptions options = settings.engine;
    options.stepped = true;
    PARLEY_TRY_ASSIGN(const auto engine, Engine::open(std::move(options), clock, random, sink));
    engine->stop();
    return {};
}

BatchMessage genesisOf(const Settings& settings, const LogHead& head) {
    BatchMessage message;
    message.kind = BatchMessage::Kind::genesis;
    message.incarnation = kGenesis.incarnation;
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
Result<void> checkBegins(ReplicatedLog& log, const BatchMessage& genesis,
                         const Settings& settings) {
    PARLEY_TRY_ASSIGN(const auto first, log.read(kGenesis.sequence));
    if (!first) return isOthers(settings);
    PARLEY_TRY_ASSIGN(const auto found, decodeBatch(first->bytes));
    const bool isOurs = found.kind == BatchMessage::Kind::genesis && found.after == genesis.after &&
                        found.previous == genesis.previous;
    return isOurs ? Result<void>() : isOthers(settings);
}

// The servers elect a leader of the stream first.
Result<void> appendGenesis(ReplicatedLog& log, const BatchMessage& genesis,
                           const Settings& settings) {
    const std::string id = "genesis-" + genesis.node + '-' + std::to_string(genesis.after.value);
    for (int i = 0; i < kTries; ++i) {
        switch (log.append(0, id, encode(genesis))) {
            case Append::taken: return {};
            case Append::refused: return checkBegins(log, genesis, settings);
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

Result<Replica::Place> foundCluster(const Settings& settings, const Clock& clock) {
    const auto& data = settings.engine.dataFolder;
    PARLEY_TRY_ASSIGN(const auto known, readPlace(data));
    if (known) return Error{ErrorCode::conflict, "the data folder is a cluster's node's already"};
    PARLEY_TRY(prepare(settings, clock));
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(data));
    PARLEY_TRY_ASSIGN(const auto db, Database::openWriter(folder->database()));
    PARLEY_TRY_ASSIGN(const auto head, readHead(*db));
    PARLEY_TRY_ASSIGN(const auto stream,
                      StreamConnection::open(settings.cluster, kGenesis.incarnation, clock));
    PARLEY_TRY(makeStream(*stream));
    PARLEY_TRY(appendGenesis(stream->log(), genesisOf(settings, head), settings));
    PARLEY_TRY(db->begin());
    PARLEY_TRY(writeReplicationMark(*db, kGenesis));
    PARLEY_TRY(db->commit());
    return Replica::Place{kGenesis, head};
}

}  // namespace parley::app
