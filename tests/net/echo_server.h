#pragma once

#include <parley/engineio/frame.h>
#include <parley/net/server.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace parley::net::test {

/// Echoes every Engine.IO message, and answers plain HTTP requests with what they were.
class EchoService final : public Service {
public:
    explicit EchoService(Loop& loop) : loop_(loop) {}

    void onOpen(ConnectionId session, const engineio::Handshake& handshake) override {
        last_ = session;
        ++opened;
        const std::lock_guard lock(mutex_);
        credentials_ = shown(handshake.credentials);
        client_ = handshake.credentials.client;
    }
    bool mayUse(ConnectionId, engineio::TransportKind,
                const engineio::Credentials& credentials) override {
        return credentials.authorization != "Bearer other";
    }
    void onMessage(ConnectionId session, bool binary, std::string_view message) override {
        engineio::FrameBuilder builder;
        if (!binary) builder.out() += '4';
        builder.out() += message;
        const auto frame = binary ? builder.finishBinary() : builder.finish();
        loop_.sessions().send(session, frame);
    }
    void onClose(ConnectionId, engineio::CloseReason reason) override {
        lastReason = reason;
        ++closed;
    }

    /// The credentials of the newest session's handshake; any thread.
    std::string credentials() {
        const std::lock_guard lock(mutex_);
        return credentials_;
    }
    /// The address of that handshake's client; any thread.
    ClientAddress client() {
        const std::lock_guard lock(mutex_);
        return client_;
    }
    static std::string shown(const engineio::Credentials& credentials) {
        return std::string(credentials.authorization) + "|" + std::string(credentials.cookie);
    }

    /// /credentials answers with those of the request, /client with its client's address,
    /// /later/MS answers after MS milliseconds, /never not at all, /big/BYTES with BYTES bytes.
    void onHttp(const HttpRequest& request) override {
        const std::string path(request.path);
        if (path.starts_with("/later/")) {
            const auto number = request.number;
            loop_.after(std::chrono::milliseconds(std::stoi(path.substr(7))), [this, number] {
                loop_.respond(number, {200, "text/plain", "later", {}});
            });
            return;
        }
        if (path == "/credentials") {
            loop_.respond(request.number, {200, "text/plain", shown(request.credentials), {}});
            return;
        }
        if (path == "/client") {
            const std::string client = std::to_string(request.credentials.client.value);
            loop_.respond(request.number, {200, "text/plain", client, {}});
            return;
        }
        if (path == "/never") {
            ++waiting;
            return;
        }
        if (path.starts_with("/big/")) {
            loop_.respond(request.number,
                          {200, "text/plain", std::string(std::stoul(path.substr(5)), 'b'), {}});
            return;
        }
        loop_.respond(request.number,
                      {200,
                       "text/plain",
                       std::string(request.method) + " " + path + "?" + std::string(request.query) +
                           " " + std::string(request.body),
                       {{"X-Test", "yes"}, {"X-Bad", "a\r\nInjected: 1"}}});
    }
    void onHttpAborted(std::uint64_t) override { ++aborted; }

    /// The newest session; on the loop's thread.
    ConnectionId lastSession() const { return last_; }

    std::atomic<engineio::CloseReason> lastReason{};
    std::atomic<int> opened{0}, closed{0}, aborted{0}, waiting{0};

private:
    Loop& loop_;
    ConnectionId last_;
    std::mutex mutex_;
    std::string credentials_;
    ClientAddress client_;
};

/// A running server on free loopback ports, stopped at the end of the test.
class EchoServer {
    SystemClock clock_;  // outlives the server

public:
    explicit EchoServer(const std::function<void(Options&)>& change = {}) {
        Options options;
        options.port = 0;
        if (change) change(options);
        auto made = Server::listen(options, clock_, [this](Loop& loop) {
            auto service = std::make_unique<EchoService>(loop);
            services.push_back(service.get());
            return service;
        });
        if (!made) throw std::runtime_error(made.error().message);
        server = std::move(*made);
        server->start();
    }
    std::uint16_t port() const { return server->port(); }

    /// Runs `task` on a loop and waits for it.
    void on(std::size_t loop, const std::function<void()>& task) {
        std::atomic<bool> done{false};
        server->loops()[loop]->post([&] {
            task();
            done = true;
        });
        until([&] { return done.load(); });
    }
    /// Waits until `condition` holds, a few seconds at most; returns whether it does.
    static bool until(const std::function<bool()>& condition) {
        for (int i = 0; i < 5000; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }

    std::vector<EchoService*> services;
    std::unique_ptr<Server> server;
};

inline const std::string kPolling = "/socket.io/?EIO=4&transport=polling";
inline const std::string kWebSocket = "/socket.io/?EIO=4&transport=websocket";

/// The sid in the body of an open packet: 0{"sid":"...",
inline std::string sidOf(const std::string& open) {
    const auto start = open.find("\"sid\":\"") + 7;
    return open.substr(start, open.find('"', start) - start);
}

}  // namespace parley::net::test
