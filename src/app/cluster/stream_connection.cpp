#include "app/cluster/stream_connection.h"

#include <parley/core/try.h>

#ifdef PARLEY_HAS_CLUSTER
#include <parley/cluster/jet_stream.h>
#endif

#include <utility>

namespace parley::app {

#ifdef PARLEY_HAS_CLUSTER

namespace {

class JetStreamConnection final : public StreamConnection {
public:
    explicit JetStreamConnection(std::unique_ptr<JetStream> stream) : stream_(std::move(stream)) {}
    ReplicatedLog& log() override { return *stream_; }
    MessageBus& bus() override { return *stream_; }
    Result<void> makeStream() override { return stream_->makeStream(); }
    Result<void> removeStream() override { return stream_->removeStream(); }

private:
    const std::unique_ptr<JetStream> stream_;
};

}  // namespace

Result<std::unique_ptr<StreamConnection>> StreamConnection::open(const ClusterOptions& options,
                                                                 std::uint64_t incarnation,
                                                                 const Clock& clock) {
    JetStream::Options its;
    its.cluster = options.node.cluster;
    its.node = options.node.node;
    its.incarnation = incarnation;
    its.servers = options.servers;
    its.credentialsFile = options.credentialsFile;
    its.caFile = options.caFile;
    its.replicas = options.replicas;
    its.streamBytes = options.streamBytes;
    PARLEY_TRY_ASSIGN(auto stream, JetStream::connect(std::move(its), clock));
    return std::unique_ptr<StreamConnection>(
        std::make_unique<JetStreamConnection>(std::move(stream)));
}

#else

Result<std::unique_ptr<StreamConnection>> StreamConnection::open(const ClusterOptions&,
                                                                 std::uint64_t, const Clock&) {
    return Error{ErrorCode::invalid_setting,
                 "this program was built without clusters (PARLEY_CLUSTER)"};
}

#endif

}  // namespace parley::app
