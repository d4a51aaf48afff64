#include "socketio_echo.h"

#include <parley/core/clock.h>
#include <parley/core/logging.h>
#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <charconv>
#include <csignal>
#include <iostream>
#include <memory>
#include <string_view>

namespace {

using namespace parley;
using std::chrono::milliseconds;

socketio::Options socketIoOptions() {
    socketio::Options options;
    options.namespaces = {"/", "/custom"};
    return options;
}

// The suites answer three pings (900 ms) without connecting, and give up after 2 s.
constexpr milliseconds kConnectTimeout{1500};

/// Echoes every Engine.IO message.
class EngineIoEcho final : public net::Service {
public:
    explicit EngineIoEcho(net::Loop& loop) : loop_(loop) {}

    void onOpen(ConnectionId, const engineio::Handshake&) override {}
    void onMessage(ConnectionId session, bool binary, std::string_view message) override {
        engineio::FrameBuilder builder(message.size() + 1);
        if (!binary) builder.out() += '4';
        builder.out() += message;
        loop_.sessions().send(session, binary ? builder.finishBinary() : builder.finish());
    }
    void onClose(ConnectionId, engineio::CloseReason) override {}
    void onHttp(const net::HttpRequest& request) override {
        loop_.respond(request.number, {404, "text/plain", "not here\n", {}});
    }
    void onHttpAborted(std::uint64_t) override {}

private:
    net::Loop& loop_;
};

/// A running server; null, said on stderr, when it cannot listen.
std::unique_ptr<net::Server> start(const net::Options& options, const Clock& clock,
                                   const net::Server::ServiceFactory& factory) {
    auto server = net::Server::listen(options, clock, factory);
    if (!server) {
        std::cerr << server.error().message << '\n';
        return nullptr;
    }
    (*server)->start();
    return std::move(*server);
}

/// `--NAME NUMBER` from the command line, else `otherwise`.
int numberOption(int count, char** values, std::string_view name, int otherwise) {
    for (int i = 1; i + 1 < count; ++i) {
        if (values[i] != name) continue;
        const std::string_view text = values[i + 1];
        int number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size()) return number;
    }
    return otherwise;
}

}  // namespace

int main(int count, char** values) {
    setUpLogging("warn");
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // the loops' threads, started later, inherit it

    net::Options options;
    options.port = static_cast<std::uint16_t>(numberOption(count, values, "--port", 3000));
    options.threads = numberOption(count, values, "--threads", 1);
    options.engineio.pingInterval =
        milliseconds(numberOption(count, values, "--ping-interval", 300));
    options.engineio.pingTimeout = milliseconds(numberOption(count, values, "--ping-timeout", 200));
    options.engineio.maxPayloadBytes = 1'000'000;
    const SystemClock clock;
    options.engineio.path = "/engine.io/";
    const auto engineIo =
        start(options, clock, [](net::Loop& loop) { return std::make_unique<EngineIoEcho>(loop); });
    options.engineio.path = "/socket.io/";
    options.port = static_cast<std::uint16_t>(numberOption(count, values, "--socketio-port", 3001));
    const auto socketIo = start(options, clock, [](net::Loop& loop) {
        return std::make_unique<conformance::SocketIoEcho>(loop, socketIoOptions(),
                                                           kConnectTimeout);
    });
    if (!engineIo || !socketIo) return 1;
    std::cout << "parley-conformance is listening on http://localhost:" << engineIo->port()
              << ", with Socket.IO on http://localhost:" << socketIo->port() << std::endl;
    int signal = 0;
    sigwait(&ends, &signal);
    engineIo->stop(milliseconds(2000));
    socketIo->stop(milliseconds(2000));
    return 0;
}
