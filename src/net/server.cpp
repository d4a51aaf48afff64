#include "net/acceptor.h"
#include "net/io_loop.h"

#include <parley/core/try.h>
#include <parley/net/server.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <utility>

namespace parley::net {

std::uint64_t connectionOf(std::uint64_t request) {
    return ConnectionSlots::commonOf(request);
}
namespace {

constexpr int kThreadsMax = 64;

class ServerImpl final : public Server {
public:
    ServerImpl(const Options& options, const Clock& clock, TlsCertificatePtr certificate)
        : shared_(options, clock, std::move(certificate),
                  static_cast<std::size_t>(std::clamp(options.threads, 1, kThreadsMax))) {
        for (std::size_t i = 0; i < shared_.loops.size(); ++i) {
            const LoopIndex index{static_cast<std::uint16_t>(i)};
            loops_.push_back(std::make_unique<IoLoop>(shared_, index));
            shared_.loops[i] = loops_.back().get();
        }
    }
    ~ServerImpl() override { stop(Millis{0}); }

    void open(const ServiceFactory& factory, std::vector<Poco::Net::ServerSocket> sockets) {
        port_ = sockets.front().address().port();
        for (const auto& loop : loops_) loop->setService(factory(*loop));
        loops_.front()->setAcceptor(
            std::make_unique<Acceptor>(*loops_.front(), shared_, std::move(sockets)));
    }

    std::uint16_t port() const override { return port_; }
    std::vector<Loop*> loops() override { return {shared_.loops.begin(), shared_.loops.end()}; }

    void start() override {
        const std::lock_guard lock(mutex_);
        if (started_ || stopped_) return;
        started_ = true;
        for (const auto& loop : loops_) loop->start();
    }

    void use(TlsCertificatePtr certificate) override { shared_.tls->use(std::move(certificate)); }

    void refuseSessions() override {
        const std::lock_guard lock(mutex_);
        if (stopped_ || !started_) return;
        for (const auto& owned : loops_) {
            owned->post([loop = owned.get()] { loop->refuseSessions(); });
        }
    }

    void allowOrigins(std::vector<std::string> origins) override {
        Options options = shared_.options;
        options.corsOrigins = std::move(origins);
        const auto access = std::make_shared<const WebAccess>(options);
        for (const auto& owned : loops_) {
            owned->post([loop = owned.get(), access] { loop->use(access); });
        }
    }

    void stopAccepting() override {
        const std::lock_guard lock(mutex_);
        if (stopped_) return;
        if (!started_) return loops_.front()->closeAcceptor();
        IoLoop* loop = loops_.front().get();
        loop->post([loop] { loop->closeAcceptor(); });
    }

    void stop(std::chrono::milliseconds deadline) override {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopped_, true) || !started_) return;
        for (const auto& owned : loops_) {
            IoLoop* loop = owned.get();
            loop->post([loop, deadline] { loop->beginStop(deadline); });
        }
        for (const auto& loop : loops_) loop->join();
    }

    Counters counters() const override {
        Counters sum;
        sum.connectionsOpen = shared_.connectionsOpen.load();
        if (shared_.tls) sum.certificateEnds = shared_.tls->notAfter();
        for (const auto& loop : loops_) {
            loop->counters().addTo(sum);
            sum.pingRoundTrips += loop->sessions().pingRoundTrips().values();
        }
        return sum;
    }

    MailboxLoad mailbox() const override {
        MailboxLoad most;
        for (const auto* loop : shared_.loops) {
            const MailboxLoad one = loop->mailbox();
            most.tasks = std::max(most.tasks, one.tasks);
            most.bytes = std::max(most.bytes, one.bytes);
        }
        return most;
    }

    std::uint64_t outputBytes() const override {
        std::uint64_t bytes = 0;
        for (const auto* loop : shared_.loops) {
            bytes += loop->mailbox().bytes;
            bytes += loop->counters().outputBytes();
        }
        return bytes;
    }

private:
    SharedByLoops shared_;
    std::vector<std::unique_ptr<IoLoop>> loops_;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    bool started_ = false;
    bool stopped_ = false;
};

}  // namespace

std::string_view refusedName(Refused reason) {
    static constexpr std::array<std::string_view, kRefusedCount> kNames{
        "header_timeout",         "body_timeout",   "idle_timeout", "header_too_large",
        "uri_too_long",           "body_too_large", "malformed",    "address_limit",
        "session_limit",          "draining",       "origin",       "misdirected",
        "unsupported_media_type", "credentials"};
    return kNames[static_cast<std::size_t>(reason)];
}

Result<std::unique_ptr<Server>> Server::listen(const Options& options, const Clock& clock,
                                               const ServiceFactory& factory) {
    TlsCertificatePtr certificate;
    if (options.tls.isOn()) {
        PARLEY_TRY_ASSIGN(certificate, readCertificate(options.tls));
    }
    auto sockets = listenOn(options.host, options.port);
    if (!sockets) return sockets.error();
    try {
        auto server = std::make_unique<ServerImpl>(options, clock, std::move(certificate));
        server->open(factory, std::move(*sockets));
        return std::unique_ptr<Server>(std::move(server));
    } catch (const std::system_error& error) {
        return Error{ErrorCode::cannot_listen,
                     std::string("cannot start the network: ") + error.what()};
    }
}

}  // namespace parley::net
