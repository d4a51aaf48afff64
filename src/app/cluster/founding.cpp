#include "app/cluster/founding.h"

#include "app/cluster/genesis.h"
#include "app/cluster/node_folder.h"
#include "app/cluster/stream_connection.h"

#include <parley/core/random.h>
#include <parley/core/try.h>
#include <parley/engine/engine.h>
#include <parley/log/data_folder.h>
#include <parley/log/database.h>
#include <parley/log/log_head.h>

#include <cstdint>
#include <utility>

namespace parley::app {
namespace {

constexpr std::uint64_t kIncarnation = 1;

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

}  // namespace

Result<Founded> foundCluster(const Settings& settings, const Clock& clock) {
    const auto& data = settings.engine.dataFolder;
    PARLEY_TRY_ASSIGN(const auto known, readPlace(data));
    if (known) return Error{ErrorCode::conflict, "the data folder is a cluster's node's already"};
    PARLEY_TRY(prepare(settings, clock));
    PARLEY_TRY_ASSIGN(const auto folder, DataFolder::own(data));
    PARLEY_TRY_ASSIGN(const auto db, Database::openWriter(folder->database()));
    PARLEY_TRY_ASSIGN(const auto head, readHead(*db));
    PARLEY_TRY_ASSIGN(const auto stream,
                      StreamConnection::open(settings.cluster, kIncarnation, clock));
    PARLEY_TRY_ASSIGN(const bool hasBegun,
                      beginStream(*stream, kIncarnation, {{}, head}, settings));
    PARLEY_TRY(writeGenesis(*db, kIncarnation));
    return Founded{{genesisOf(kIncarnation), head}, hasBegun};
}

}  // namespace parley::app
