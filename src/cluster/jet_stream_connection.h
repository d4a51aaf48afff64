#pragma once

#include <parley/cluster/jet_stream.h>
#include <parley/cluster/nats_server.h>
#include <parley/core/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <nats/nats.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// libnats, owned and asked. Nothing of it calls us back: threads of ours wait for its messages, so
/// there is no closure to outlive, and nothing can be thrown through C.
namespace parley::nats {

struct Destroy {
    void operator()(natsConnection* it) const { natsConnection_Destroy(it); }
    void operator()(jsCtx* it) const { jsCtx_Destroy(it); }
    void operator()(natsOptions* it) const { natsOptions_Destroy(it); }
    void operator()(natsSubscription* it) const { natsSubscription_Destroy(it); }
    void operator()(natsMsg* it) const { natsMsg_Destroy(it); }
    void operator()(jsPubAck* it) const { jsPubAck_Destroy(it); }
    void operator()(jsStreamInfo* it) const { jsStreamInfo_Destroy(it); }
    void operator()(jsConsumerInfo* it) const { jsConsumerInfo_Destroy(it); }
};
template <typename T>
using Owned = std::unique_ptr<T, Destroy>;
using Message = Owned<natsMsg>;

/// Messages that nobody needs any more. libnats frees them on a thread of its own and wakes it for
/// that: here for many at once, not for each. One thread.
class SpentMessages {
public:
    void add(Message message) {
        bytes_ += static_cast<std::size_t>(natsMsg_GetDataLength(message.get()));
        messages_.push_back(std::move(message));
        if (messages_.size() >= kMost || bytes_ >= kBytesMost) free();
    }
    void free() {
        messages_.clear();
        bytes_ = 0;
    }

private:
    static constexpr std::size_t kMost = 64;
    static constexpr std::size_t kBytesMost = 256 * 1024;
    std::vector<Message> messages_;
    std::size_t bytes_ = 0;
};

class NatsConnection;
/// Destroys a subscription when libnats has let go of it: until 3.6 its reading thread uses one
/// that it has looked up, even if that is destroyed meanwhile.
struct Retire {
    std::shared_ptr<const NatsConnection> connection;
    void operator()(natsSubscription* it) const;
};
using NatsSubscription = std::unique_ptr<natsSubscription, Retire>;

inline constexpr const char* kIdHeader = "Nats-Msg-Id";

/// The value of a message's header; empty where it has none. The view ends with the message.
std::string_view headerOf(natsMsg* message, const char* name);
/// A copy of what it says and of its id.
StreamMessage streamMessage(natsMsg* message, std::uint64_t sequence);

/// One connection to one server, until it breaks; never made again by itself. Any thread.
class NatsConnection : public std::enable_shared_from_this<NatsConnection> {
public:
    /// REQUIRES: no request waits for an answer.
    ~NatsConnection();
    NatsConnection(const NatsConnection&) = delete;
    NatsConnection& operator=(const NatsConnection&) = delete;

    /// Refuses with `busy` where the server cannot be reached or does not want us, and with
    /// `invalid_setting` where its messages are too small.
    static Result<std::shared_ptr<NatsConnection>> open(const NatsServer& server,
                                                        const JetStream::Options& options);

    const std::string& server() const { return server_; }
    bool isClosed() const { return natsConnection_IsClosed(connection_.get()); }

    void send(const char* subject, std::string_view bytes) const;
    /// Null: it could not.
    NatsSubscription subscribe(const char* subject) const;

    /// As ReplicatedLog::append, but `refused` says only that the stream does not end with `last`.
    Append append(const std::string& subject, std::uint64_t last, const std::string& id,
                  std::string_view bytes, std::chrono::milliseconds wait) const;
    /// From any server that has the stream.
    Result<std::optional<StreamMessage>> read(const std::string& stream,
                                              std::uint64_t sequence) const;
    /// From the server that leads the stream; nothing: it has none there.
    Result<std::optional<StreamMessage>> readLed(const std::string& stream,
                                                 std::uint64_t sequence) const;
    Result<StreamEnds> ends(const std::string& stream, std::chrono::milliseconds wait) const;
    Result<void> makeStream(jsStreamConfig& config) const;
    /// One that is not there is removed already. Refuses with `busy`.
    Result<void> removeStream(const std::string& stream) const;
    /// Makes the servers send the stream's messages from `from` on to `inbox`.
    bool consume(const std::string& stream, const std::string& subject, std::uint64_t from,
                 const char* inbox) const;

private:
    friend struct Retire;
    NatsConnection(Owned<natsConnection> connection, Owned<jsCtx> jetStream, std::string server)
        : connection_(std::move(connection)),
          jetStream_(std::move(jetStream)),
          server_(std::move(server)) {}

    const Owned<natsConnection> connection_;
    const Owned<jsCtx> jetStream_;  // destroyed before the connection
    const std::string server_;
    mutable std::mutex mutex_;
    mutable std::vector<Owned<natsSubscription>> retired_;
};

}  // namespace parley::nats
