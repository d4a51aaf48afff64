#pragma once

#include <parley/cluster/message_bus.h>
#include <parley/cluster/options.h>
#include <parley/cluster/replicated_log.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>

#include <cstdint>
#include <memory>

namespace parley::app {

/// The stream of a cluster and the bus beside it, whatever brings them.
class StreamConnection {
public:
    /// Connects to the servers of cluster.nats; where none answers, it goes on trying.
    /// `incarnation` says which stream. Refuses as JetStream::connect, and with `invalid_setting`
    /// in a build without PARLEY_CLUSTER. `clock` outlives this.
    static Result<std::unique_ptr<StreamConnection>> open(const ClusterOptions& options,
                                                          std::uint64_t incarnation,
                                                          const Clock& clock);
    virtual ~StreamConnection() = default;

    virtual ReplicatedLog& log() = 0;
    virtual MessageBus& bus() = 0;
    /// As JetStream::makeStream.
    virtual Result<void> makeStream() = 0;
    /// As JetStream::removeStream.
    virtual Result<void> removeStream() = 0;
};

}  // namespace parley::app
