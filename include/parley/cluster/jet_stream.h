#pragma once

#include <parley/cluster/message_bus.h>
#include <parley/cluster/replicated_log.h>
#include <parley/core/clock.h>
#include <parley/core/result.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// The stream of a cluster in NATS JetStream, and the bus beside it, over one connection that is
/// made again for ever. Only a build with PARLEY_CLUSTER has it. The stream is called
/// PARLEY_CLUSTER_K and has the subject parley.CLUSTER.log.K, for incarnation K. A thread of its
/// own keeps the connection and follows the stream, and one more for each `listen` hears. Any
/// thread.
class JetStream final : public ReplicatedLog, public MessageBus {
public:
    struct Options {
        std::string cluster;  ///< its name, and `node` the node's: 1 to 64 of A-Z a-z 0-9 _ -
        std::string node;
        std::uint64_t incarnation = 1;
        /// nats://host:port, or tls://host:port, with user:password@ before the host where the
        /// servers ask for it. At least one; they are tried in this order.
        std::vector<std::string> servers;
        std::string credentialsFile;  ///< a user's JWT and seed (.creds); empty: none
        std::string caFile;           ///< who may sign the servers' certificates; not empty: TLS
        int replicas = 3;             ///< of a stream that is made
        std::uint64_t streamBytes = std::uint64_t{16} << 30U;  ///< after which the oldest go; same
        std::chrono::milliseconds appendTimeout{2000};         ///< of each question to the servers
    };
    /// Tries each server once, and goes on trying where none answers: that is no error, but a line
    /// in the log. Refuses with `invalid_setting` options as above, and a server whose messages are
    /// smaller than a mebibyte (max_payload); with `file_refused` a file that cannot be read. No
    /// error and no line of the log holds a password. `clock` outlives this.
    static Result<std::unique_ptr<JetStream>> connect(Options options, const Clock& clock);
    /// REQUIRES: no call is under way. Waits for `news` and sinks to return, and for some seconds
    /// at most where servers do not answer.
    ~JetStream() override;
    JetStream(const JetStream&) = delete;
    JetStream& operator=(const JetStream&) = delete;

    /// Makes the stream, empty. Refuses with `conflict` where there is one, and with `busy` where
    /// no server answers or the servers are too few or too full. Of several nodes that make it at
    /// once, more than one may succeed: it is of the node whose first append is taken.
    Result<void> makeStream();
    /// Removes it with all that it holds, from all servers; one that is not there is removed
    /// already. Refuses with `busy` where the servers do not answer.
    Result<void> removeStream();

    Append append(std::uint64_t last, std::string_view id, std::string_view bytes) override;
    Result<std::optional<StreamMessage>> read(std::uint64_t sequence) override;
    std::optional<StreamMessage> find(std::uint64_t sequence) override;
    Result<std::optional<StreamMessage>> readLed(std::uint64_t sequence) override;
    std::vector<StreamMessage> after(std::uint64_t sequence, std::size_t bytesMax) override;
    Result<StreamEnds> ends() override;
    std::optional<StreamEnds> endsHeard() const override;
    std::uint64_t resubscribed() const override;
    void follow(std::uint64_t from, std::function<void()> news) override;

    void send(std::string_view subject, std::string_view bytes) override;
    void listen(const std::string& subject, Sink sink) override;
    bool connected() const override;

private:
    class Keeper;
    explicit JetStream(std::unique_ptr<Keeper> keeper);
    const std::unique_ptr<Keeper> keeper_;
};

}  // namespace parley
