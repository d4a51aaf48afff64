#include "cluster/jet_stream_connection.h"
#include "cluster/jet_stream_feed.h"

#include <parley/cluster/jet_stream.h>
#include <parley/core/check.h>
#include <parley/core/logging.h>
#include <parley/core/try.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <fstream>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace parley {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPause{250};
constexpr milliseconds kHear{250};
constexpr std::int64_t kDuplicatesNanos = std::int64_t{120} * 1'000'000'000;

Error notConnected() {
    return {ErrorCode::busy, "there is no connection to NATS"};
}

Result<void> readable(const std::string& file) {
    if (file.empty() || std::ifstream(file).good()) return {};
    return Error{ErrorCode::file_refused, file + " cannot be read"};
}

Result<std::vector<NatsServer>> serversOf(const JetStream::Options& options) {
    if (!isSubjectWord(options.cluster) || !isSubjectWord(options.node)) {
        return Error{ErrorCode::invalid_setting,
                     "the name of a cluster or a node is not 1 to 64 letters, digits, _ and -"};
    }
    if (options.servers.empty()) {
        return Error{ErrorCode::invalid_setting, "there is no server of NATS to connect to"};
    }
    PARLEY_TRY(readable(options.credentialsFile));
    PARLEY_TRY(readable(options.caFile));
    std::vector<NatsServer> servers;
    for (const auto& url : options.servers) {
        PARLEY_TRY_ASSIGN(auto server, parseNatsServer(url));
        servers.push_back(std::move(server));
    }
    return servers;
}

}  // namespace

/// The connection, the thread that keeps it, and the threads that hear.
class JetStream::Keeper {
public:
    Keeper(Options options, std::vector<NatsServer> servers, const Clock& clock)
        : options_(std::move(options)),
          stream_("PARLEY_" + options_.cluster + '_' + std::to_string(options_.incarnation)),
          subject_("parley." + options_.cluster + ".log." + std::to_string(options_.incarnation)),
          servers_(std::move(servers)),
          feed_(stream_, subject_, clock) {}

    ~Keeper() {
        stop();
        if (thread_.joinable()) thread_.join();
        for (auto& thread : listeners_) thread.join();
    }

    const Options& options() const { return options_; }
    const std::string& stream() const { return stream_; }
    const std::string& subject() const { return subject_; }
    nats::Feed& feed() { return feed_; }

    Result<void> start() {
        const auto connected = connectOnce();
        if (!connected && connected.error().code == ErrorCode::invalid_setting) return connected;
        thread_ = std::thread([this] { keep(); });
        return {};
    }

    /// Null: there is none now.
    std::shared_ptr<nats::NatsConnection> connection() const {
        const std::lock_guard lock(mutex_);
        if (!connection_ || connection_->isClosed()) return nullptr;
        return connection_;
    }

    void listen(const std::string& subject, Sink sink) {
        const std::lock_guard lock(mutex_);
        if (isStopped_) return;
        listeners_.emplace_back([this, subject, sink = std::move(sink)] { hear(subject, sink); });
    }

private:
    void stop() {
        const std::lock_guard lock(mutex_);
        isStopped_ = true;
        stopped_.notify_all();
        feed_.wake();
    }

    bool isStopped() const {
        const std::lock_guard lock(mutex_);
        return isStopped_;
    }

    void pause() {
        std::unique_lock lock(mutex_);
        stopped_.wait_for(lock, kPause, [this] { return isStopped_; });
    }

    /// Tries each server; the last one's refusal.
    Result<void> connectOnce() {
        Result<void> refused;
        for (const auto& server : servers_) {
            if (isStopped()) return {};
            auto made = nats::NatsConnection::open(server, options_);
            if (made) return use(std::move(*made));
            refused = made.error();
        }
        if (std::exchange(logged_, refused.error().message) != refused.error().message) {
            logger().warn("nats_not_connected node={} reason=\"{}\"", options_.node,
                          refused.error().message);
        }
        return refused;
    }

    Result<void> use(std::shared_ptr<nats::NatsConnection> made) {
        logged_.clear();
        logger().info("nats_connected node={} server={}", options_.node, made->server());
        const std::lock_guard lock(mutex_);
        // The thread that reads the broken one may not have ended quite yet.
        broken_ = std::exchange(connection_, std::move(made));
        return {};
    }

    void keep() {
        auto used = connection();
        while (!isStopped()) {
            if (used && !used->isClosed()) {
                feed_.turn(*used);
                continue;
            }
            feed_.disconnected();
            if (used) {
                logger().warn("nats_disconnected node={} server={}", options_.node, used->server());
            }
            if (!connectOnce()) pause();
            used = connection();
        }
        feed_.disconnected();
    }

    void hear(const std::string& subject, const Sink& sink) {
        std::shared_ptr<nats::NatsConnection> used;
        nats::NatsSubscription heard;
        nats::SpentMessages spent;
        while (!isStopped()) {
            if (!heard) {
                used = connection();
                if (used) heard = used->subscribe(subject.c_str());
                if (!heard) pause();
                continue;
            }
            natsMsg* raw = nullptr;
            const auto status = natsSubscription_NextMsg(&raw, heard.get(), kHear.count());
            nats::Message message(raw);
            if (status == NATS_OK) {
                deliver(message.get(), sink);
                spent.add(std::move(message));
                continue;
            }
            spent.free();
            if (status != NATS_TIMEOUT && status != NATS_SLOW_CONSUMER) {
                heard.reset();
            }
        }
    }

    void deliver(natsMsg* message, const Sink& sink) {
        const std::lock_guard lock(delivering_);
        sink(natsMsg_GetSubject(message),
             {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))});
    }

    const Options options_;
    const std::string stream_;
    const std::string subject_;
    const std::vector<NatsServer> servers_;
    nats::Feed feed_;
    std::string logged_;  // why there is no connection; empty: not said yet

    mutable std::mutex mutex_;
    std::condition_variable stopped_;
    bool isStopped_ = false;
    std::shared_ptr<nats::NatsConnection> connection_;
    std::shared_ptr<nats::NatsConnection> broken_;  // before it
    std::mutex delivering_;
    std::list<std::thread> listeners_;
    std::thread thread_;
};

JetStream::JetStream(std::unique_ptr<Keeper> keeper) : keeper_(std::move(keeper)) {}
JetStream::~JetStream() = default;

Result<std::unique_ptr<JetStream>> JetStream::connect(Options options, const Clock& clock) {
    PARLEY_TRY_ASSIGN(auto servers, serversOf(options));
    auto keeper = std::make_unique<Keeper>(std::move(options), std::move(servers), clock);
    PARLEY_TRY(keeper->start());
    return std::unique_ptr<JetStream>(new JetStream(std::move(keeper)));
}

Result<void> JetStream::makeStream() {
    const auto connection = keeper_->connection();
    if (!connection) return notConnected();
    const auto& options = keeper_->options();
    // The servers take the same stream again without a word.
    PARLEY_TRY_ASSIGN(const auto found, connection->ends(keeper_->stream(), options.appendTimeout));
    if (found.exists) {
        return Error{ErrorCode::conflict, "there is a stream " + keeper_->stream()};
    }
    const char* subject = keeper_->subject().c_str();
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    config.Name = keeper_->stream().c_str();
    config.Subjects = &subject;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    config.Retention = js_LimitsPolicy;
    config.Discard = js_DiscardOld;
    config.Replicas = options.replicas;
    config.MaxBytes = static_cast<std::int64_t>(options.streamBytes);
    config.Duplicates = kDuplicatesNanos;
    config.DenyDelete = true;
    config.DenyPurge = true;
    config.AllowDirect = true;
    return connection->makeStream(config);
}

Result<void> JetStream::removeStream() {
    const auto connection = keeper_->connection();
    if (!connection) return notConnected();
    return connection->removeStream(keeper_->stream());
}

Append JetStream::append(std::uint64_t last, std::string_view id, std::string_view bytes) {
    PARLEY_CHECK(!id.empty() && !bytes.empty() && bytes.size() <= kAppendBytesMax);
    const auto connection = keeper_->connection();
    if (!connection) return Append::unknown;
    const std::string name(id);
    const auto done =
        connection->append(keeper_->subject(), last, name, bytes, keeper_->options().appendTimeout);
    if (done != Append::refused) return done;
    // It may be there all the same, since a time that the servers' memory of ids does not reach.
    const auto there = connection->readLed(keeper_->stream(), last + 1);
    if (!there || !*there) return Append::unknown;
    return (*there)->id == name ? Append::taken : Append::refused;
}

std::optional<StreamMessage> JetStream::find(std::uint64_t sequence) {
    return sequence == 0 ? std::nullopt : keeper_->feed().find(sequence);
}

Result<std::optional<StreamMessage>> JetStream::read(std::uint64_t sequence) {
    if (sequence == 0) return std::optional<StreamMessage>();
    if (auto found = find(sequence)) return std::optional(std::move(found));
    const auto connection = keeper_->connection();
    if (!connection) return notConnected();
    return connection->read(keeper_->stream(), sequence);
}

Result<std::optional<StreamMessage>> JetStream::readLed(std::uint64_t sequence) {
    const auto connection = keeper_->connection();
    if (!connection) return notConnected();
    return connection->readLed(keeper_->stream(), sequence);
}

std::vector<StreamMessage> JetStream::after(std::uint64_t sequence, std::size_t bytesMax) {
    return keeper_->feed().after(sequence, bytesMax);
}

Result<StreamEnds> JetStream::ends() {
    const auto connection = keeper_->connection();
    if (!connection) return notConnected();
    return connection->ends(keeper_->stream(), keeper_->options().appendTimeout);
}

std::optional<StreamEnds> JetStream::endsHeard() const {
    return keeper_->feed().endsHeard();
}

std::uint64_t JetStream::resubscribed() const {
    return keeper_->feed().resubscribed();
}

void JetStream::follow(std::uint64_t from, std::function<void()> news) {
    keeper_->feed().follow(from, std::move(news));
}

void JetStream::send(std::string_view subject, std::string_view bytes) {
    const auto connection = keeper_->connection();
    if (connection) connection->send(std::string(subject).c_str(), bytes);
}

void JetStream::listen(const std::string& subject, Sink sink) {
    keeper_->listen(subject, std::move(sink));
}

bool JetStream::connected() const {
    return keeper_->connection() != nullptr;
}

}  // namespace parley
