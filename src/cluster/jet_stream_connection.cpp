#include "cluster/jet_stream_connection.h"

#include <parley/core/try.h>

#include <string>
#include <utility>

namespace parley::nats {
namespace {

constexpr std::int64_t kPayloadBytesMin = 1024 * 1024;
constexpr std::int64_t kConnectMs = 1000;
// A server that is silent, as behind a cut cable, counts as lost after three.
constexpr std::int64_t kPingMs = 1000;
constexpr int kPingsUnanswered = 2;
constexpr std::int64_t kFlushMs = 2000;
constexpr std::int64_t kWriteMs = 1000;  // threads of clients wait for it, and marks do
constexpr std::int64_t kNanosPerMs = 1'000'000;
constexpr std::int64_t kHeartbeatMs = 500;
// Where no server leads the stream, there may be no answer at all.
constexpr std::chrono::milliseconds kLedReadWait{500};
// Of a consumer whose node went away without a word.
constexpr std::int64_t kForgottenMs = 5000;

/// Takes what a function of libnats writes through a pointer to a pointer.
template <typename T, typename Call>
natsStatus make(Owned<T>& out, Call call) {
    T* raw = nullptr;
    const auto status = call(&raw);
    out.reset(raw);
    return status;
}

std::string textOf(natsStatus status) {
    // Other errors' own words may hold a URL, and with it a password.
    if (status == NATS_SSL_ERROR) {
        const char* words = nats_GetLastError(nullptr);
        if (words != nullptr) return words;
    }
    return natsStatus_GetText(status);
}

Error busy(const std::string& what, natsStatus status, int code = 0) {
    return {ErrorCode::busy,
            what + ": " + textOf(status) + (code == 0 ? "" : " (" + std::to_string(code) + ")")};
}

std::int64_t msOf(std::chrono::milliseconds time) {
    return time.count();
}

jsOptions waitingFor(std::chrono::milliseconds wait) {
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = msOf(wait);
    return options;
}

/// One server, and no second try: the keeper of the connection makes a new one.
natsStatus set(natsOptions* it, const NatsServer& server, const JetStream::Options& options) {
    const std::string name = "parley " + options.node;
    natsStatus status = natsOptions_SetURL(it, server.url.c_str());
    const auto then = [&status](natsStatus next) {
        if (status == NATS_OK) status = next;
    };
    then(natsOptions_SetName(it, name.c_str()));
    then(natsOptions_SetAllowReconnect(it, false));
    then(natsOptions_SetTimeout(it, kConnectMs));
    then(natsOptions_SetPingInterval(it, kPingMs));
    then(natsOptions_SetMaxPingsOut(it, kPingsUnanswered));
    then(natsOptions_SetWriteDeadline(it, kWriteMs));
    then(natsOptions_SetSendAsap(it, true));
    then(natsOptions_SetNoEcho(it, true));
    if (!options.credentialsFile.empty()) {
        then(natsOptions_SetUserCredentialsFromFiles(it, options.credentialsFile.c_str(), nullptr));
    }
    if (server.tls || !options.caFile.empty()) {
        then(natsOptions_SetSecure(it, true));
        then(natsOptions_SetExpectedHostname(it, server.host.c_str()));
    }
    if (!options.caFile.empty()) {
        then(natsOptions_LoadCATrustedCertificates(it, options.caFile.c_str()));
    }
    return status;
}

}  // namespace

std::string_view headerOf(natsMsg* message, const char* name) {
    const char* value = nullptr;
    if (natsMsgHeader_Get(message, name, &value) != NATS_OK || value == nullptr) return {};
    return value;
}

StreamMessage streamMessage(natsMsg* message, std::uint64_t sequence) {
    return {sequence, std::string(headerOf(message, kIdHeader)),
            std::string(natsMsg_GetData(message),
                        static_cast<std::size_t>(natsMsg_GetDataLength(message)))};
}

Result<std::shared_ptr<NatsConnection>> NatsConnection::open(const NatsServer& server,
                                                             const JetStream::Options& options) {
    Owned<natsOptions> settings;
    auto status = make(settings, natsOptions_Create);
    if (status == NATS_OK) status = set(settings.get(), server, options);
    Owned<natsConnection> connection;
    if (status == NATS_OK) {
        status = make(connection, [&](natsConnection** out) {
            return natsConnection_Connect(out, settings.get());
        });
    }
    Owned<jsCtx> jetStream;
    if (status == NATS_OK) {
        auto waiting = waitingFor(options.appendTimeout);
        status = make(jetStream, [&](jsCtx** out) {
            return natsConnection_JetStream(out, connection.get(), &waiting);
        });
    }
    if (status != NATS_OK) return busy("NATS at " + server.name, status);
    if (natsConnection_GetMaxPayload(connection.get()) < kPayloadBytesMin) {
        return Error{ErrorCode::invalid_setting,
                     "NATS at " + server.name + " has a max_payload of " +
                         std::to_string(natsConnection_GetMaxPayload(connection.get())) +
                         " bytes; it must be at least " + std::to_string(kPayloadBytesMin)};
    }
    return std::shared_ptr<NatsConnection>(
        new NatsConnection(std::move(connection), std::move(jetStream), server.name));
}

// The thread that reads ends with the connection, so nothing that is retired is used any more.
NatsConnection::~NatsConnection() {
    natsConnection_Close(connection_.get());
}

void Retire::operator()(natsSubscription* it) const {
    Owned<natsSubscription> owned(it);
    (void)natsSubscription_Unsubscribe(it);
    // The answer to a ping comes through the reading thread: then it is past this subscription.
    if (natsConnection_FlushTimeout(connection->connection_.get(), kFlushMs) == NATS_OK) return;
    const std::lock_guard lock(connection->mutex_);
    connection->retired_.push_back(std::move(owned));
}

void NatsConnection::send(const char* subject, std::string_view bytes) const {
    (void)natsConnection_Publish(connection_.get(), subject, bytes.data(),
                                 static_cast<int>(bytes.size()));
}

NatsSubscription NatsConnection::subscribe(const char* subject) const {
    natsSubscription* made = nullptr;
    if (natsConnection_SubscribeSync(&made, connection_.get(), subject) != NATS_OK) return {};
    return {made, Retire{shared_from_this()}};
}

Append NatsConnection::append(const std::string& subject, std::uint64_t last, const std::string& id,
                              std::string_view bytes, std::chrono::milliseconds wait) const {
    Message message;
    auto status = make(message, [&](natsMsg** out) {
        return natsMsg_Create(out, subject.c_str(), nullptr, bytes.data(),
                              static_cast<int>(bytes.size()));
    });
    const auto expected = std::to_string(last);
    if (status == NATS_OK) status = natsMsgHeader_Set(message.get(), kIdHeader, id.c_str());
    if (status == NATS_OK) {
        status = natsMsgHeader_Set(message.get(), "Nats-Expected-Last-Sequence", expected.c_str());
    }
    if (status != NATS_OK) return Append::unknown;
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = msOf(wait);
    auto code = static_cast<jsErrCode>(0);
    Owned<jsPubAck> ack;
    status = make(ack, [&](jsPubAck** out) {
        return js_PublishMsg(out, jetStream_.get(), message.get(), &options, &code);
    });
    if (status == NATS_OK) return ack->Sequence == last + 1 ? Append::taken : Append::refused;
    return code == JSStreamWrongLastSequenceErr ? Append::refused : Append::unknown;
}

Result<std::optional<StreamMessage>> NatsConnection::read(const std::string& stream,
                                                          std::uint64_t sequence) const {
    jsDirectGetMsgOptions which;
    jsDirectGetMsgOptions_Init(&which);
    which.Sequence = sequence;
    Message message;
    const auto status = make(message, [&](natsMsg** out) {
        return js_DirectGetMsg(out, jetStream_.get(), stream.c_str(), nullptr, &which);
    });
    if (status == NATS_NOT_FOUND) return std::optional<StreamMessage>();
    if (status != NATS_OK) return busy("the stream cannot be read", status);
    return std::optional(streamMessage(message.get(), sequence));
}

Result<std::optional<StreamMessage>> NatsConnection::readLed(const std::string& stream,
                                                             std::uint64_t sequence) const {
    auto options = waitingFor(kLedReadWait);
    auto code = static_cast<jsErrCode>(0);
    Message message;
    const auto status = make(message, [&](natsMsg** out) {
        return js_GetMsg(out, jetStream_.get(), stream.c_str(), sequence, &options, &code);
    });
    if (code == JSNoMessageFoundErr) return std::optional<StreamMessage>();
    if (status != NATS_OK) return busy("the stream cannot be read", status, code);
    return std::optional(streamMessage(message.get(), sequence));
}

Result<StreamEnds> NatsConnection::ends(const std::string& stream,
                                        std::chrono::milliseconds wait) const {
    auto options = waitingFor(wait);
    auto code = static_cast<jsErrCode>(0);
    Owned<jsStreamInfo> info;
    const auto status = make(info, [&](jsStreamInfo** out) {
        return js_GetStreamInfo(out, jetStream_.get(), stream.c_str(), &options, &code);
    });
    if (code == JSStreamNotFoundErr) return StreamEnds{false, 0, 0, 0};
    if (status != NATS_OK) return busy("the stream does not say its end", status, code);
    const auto& state = info->State;
    return StreamEnds{true, state.LastSeq == 0 ? 0 : state.FirstSeq, state.LastSeq, state.Bytes};
}

Result<void> NatsConnection::removeStream(const std::string& stream) const {
    auto code = static_cast<jsErrCode>(0);
    const auto status = js_DeleteStream(jetStream_.get(), stream.c_str(), nullptr, &code);
    if (status == NATS_OK || code == JSStreamNotFoundErr) return {};
    return busy("the stream cannot be removed", status, code);
}

Result<void> NatsConnection::makeStream(jsStreamConfig& config) const {
    auto code = static_cast<jsErrCode>(0);
    const auto status = js_AddStream(nullptr, jetStream_.get(), &config, nullptr, &code);
    if (code == JSStreamNameExistErr) {
        return Error{ErrorCode::conflict, std::string("there is a stream ") + config.Name};
    }
    if (status == NATS_OK) return {};
    if (code == JSStorageResourcesExceededErr || code == JSInsufficientResourcesErr ||
        code == JSClusterNoPeersErr) {
        return busy(
            "the servers of NATS have no room for a stream of cluster.stream-bytes, or are "
            "fewer than cluster.replicas",
            status, code);
    }
    return busy("the stream cannot be made", status, code);
}

bool NatsConnection::consume(const std::string& stream, const std::string& subject,
                             std::uint64_t from, const char* inbox) const {
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.DeliverSubject = inbox;
    config.DeliverPolicy = js_DeliverByStartSequence;
    config.OptStartSeq = from;
    config.FilterSubject = subject.c_str();
    config.AckPolicy = js_AckNone;
    config.MaxDeliver = 1;
    config.FlowControl = true;
    config.Heartbeat = kHeartbeatMs * kNanosPerMs;
    config.InactiveThreshold = kForgottenMs * kNanosPerMs;
    config.MemoryStorage = true;
    config.Replicas = 1;
    Owned<jsConsumerInfo> info;
    return make(info, [&](jsConsumerInfo** out) {
               return js_AddConsumer(out, jetStream_.get(), stream.c_str(), &config, nullptr,
                                     nullptr);
           }) == NATS_OK;
}

}  // namespace parley::nats
