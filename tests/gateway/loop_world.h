#pragma once

#include "engineio/world.h"
#include "gateway/calls/publisher.h"
#include "gateway/clients/admission.h"
#include "support/engine_world.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// One loop of the gateway over a network that records, in front of an engine that the test steps.
/// The objects of the loop are the real ones; only sockets, timers and threads are not.
namespace parley::test {

/// A loop that runs tasks and timers when the test says so.
class SteppedLoop final : public net::Loop {
public:
    explicit SteppedLoop(engineio::test::World& net) : net_(net) {}

    LoopIndex index() const override { return LoopIndex{3}; }
    void post(std::function<void()> task, std::size_t) override {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        posted_.notify_one();
    }
    engineio::Endpoint& sessions() override { return net_.endpoint; }
    void respond(std::uint64_t request, net::HttpResponse response) override {
        responses[request] = std::move(response);
    }
    void answerOwnPagesOnly(std::uint64_t) override {}
    void after(std::chrono::milliseconds delay, std::function<void()> task) override {
        timers_.emplace(net_.clock.monotonic() + delay, std::move(task));
    }
    const Clock& clock() const override { return net_.clock; }

    /// Runs what is posted, until nothing is.
    void run() {
        while (auto task = take(std::chrono::seconds(0))) task();
    }
    /// Waits for a task of another thread, and runs it.
    void runNext() {
        const auto task = take(std::chrono::minutes(2));
        REQUIRE(task);
        task();
    }
    /// Lets time pass, and runs the timers that are due then.
    void pass(std::chrono::milliseconds time) {
        net_.clock.advance(time);
        const auto due = timers_.upper_bound(net_.clock.monotonic());
        std::multimap<std::chrono::milliseconds, std::function<void()>> later(due, timers_.end());
        timers_.erase(due, timers_.end());
        for (const auto& [at, task] : std::exchange(timers_, std::move(later))) task();
    }
    std::size_t timers() const { return timers_.size(); }

    std::map<std::uint64_t, net::HttpResponse> responses;

private:
    std::function<void()> take(std::chrono::milliseconds atMost) {
        std::unique_lock lock(mutex_);
        posted_.wait_for(lock, atMost, [this] { return !tasks_.empty(); });
        if (tasks_.empty()) return {};
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        return task;
    }

    engineio::test::World& net_;
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::function<void()>> tasks_;
    std::multimap<std::chrono::milliseconds, std::function<void()>> timers_;
};

/// A network of which only the load is seen.
class LoadedServer final : public net::Server {
public:
    net::MailboxLoad load;

    std::uint16_t port() const override { return 0; }
    std::vector<net::Loop*> loops() override { return {}; }
    void start() override {}
    void use(net::TlsCertificatePtr) override {}
    void allowOrigins(std::vector<std::string>) override {}
    void refuseSessions() override {}
    void stopAccepting() override {}
    void stop(std::chrono::milliseconds) override {}
    net::Counters counters() const override { return {}; }
    net::MailboxLoad mailbox() const override { return load; }
    std::uint64_t outputBytes() const override { return load.bytes; }
};

class LoopWorld : public ClientEvents, public BatchReceiver {
public:
    explicit LoopWorld(EngineOptions with = {}, GatewayOptions gateway = {})
        : options(std::move(gateway)) {
        with.dataFolder = folder.path();
        with.stepped = true;
        publisher.add(loop, *this);
        auto opened = Engine::open(with, clock, random, publisher);
        REQUIRE(opened.ok());
        engine = std::move(*opened);
        shared.engine = engine.get();
        shared.requests = engine.get();
        shared.server = &server;
    }

    void onConnect(Client& client, const Json& auth) override { admission.connect(client, auth); }
    void onRequest(Client&, socketio::Packet) override {}
    void onLeave(Client& client) override { admission.leave(client, /*sessionEnds=*/true); }
    void receive(const LoopBatch& batch) override {
        for (const auto& step : batch.steps) {
            if (const auto* answer = std::get_if<Answer>(&step)) calls.answer(*answer);
            if (const auto* change = std::get_if<SubscriptionChange>(&step)) carryOut(*change);
        }
    }

    /// A new client on a WebSocket, in no namespace yet.
    Client& open() {
        sockets.push_back(net.openWebSocket());
        const auto connection = net.application.opened.back();
        clients.open(connection, {});
        return *clients.find(connection);
    }
    /// One that is let in at once, without a session.
    Client& connect() {
        Client& client = open();
        REQUIRE(client.receive(/*binary=*/false, "0"));
        heard(client);
        return client;
    }
    /// Its connection ends, as by the network.
    void drop(Client& client) {
        const auto connection = client.connection();
        admission.leave(client, /*sessionEnds=*/false);
        clients.erase(connection);
        turn();
    }
    /// What the client was sent since the last call.
    std::vector<std::string> heard(const Client& client) {
        const auto& opened = net.application.opened;
        const auto known = std::find(opened.begin(), opened.end(), client.connection());
        return net.heard(sockets.at(static_cast<std::size_t>(known - opened.begin())));
    }
    bool isOpen(const Client& client) { return net.endpoint.has(client.connection()); }

    /// A turn of the loop, and what it has the writer do.
    void turn() {
        calls.flush();
        engine->step();
        loop.run();
    }
    /// Submits a command as the client's call with this ack.
    void call(Client& client, WireRequest request, Command command, std::uint64_t ackId) {
        calls.submit(client, {client.connection(), request, ackId}, std::move(command));
    }
    void join(Client& client, std::string_view conversation, std::string_view who) {
        call(client, WireRequest::joinRoom,
             JoinRoom{room(conversation), user(who), UserRole::agent}, 1);
        turn();
        heard(client);
    }
    /// Somebody says something over no connection.
    void say(std::string_view conversation, std::string content) {
        Command said = message(conversation, "speaker", UserRole::agent, std::move(content));
        REQUIRE(engine->submit({{}, std::move(said)}).ok());
        turn();
    }

    TempFolder folder;
    TestClock clock;
    SeededRandom random{7};
    GatewayOptions options;
    LoadedServer server;
    engineio::test::World net;
    std::vector<engineio::SocketNumber> sockets;  // in the order of the connections
    GatewayState shared{options, clock};
    Publisher publisher{shared};
    SteppedLoop loop{net};
    Clients clients{loop, std::chrono::hours(1), *this};
    Rooms rooms{shared.rooms, shared.subscriptions, shared.presenceDashboards};
    SeededRandom ids{9};
    CommandIntake intake{shared, ids};
    Calls calls{shared, loop, clients, intake};
    CatchUps catchUps{shared, loop, clients, rooms};
    SeededRandom pids{8};
    TokenLife tokens{shared, loop, clients};
    Admission admission{shared, loop, pids, calls, rooms, catchUps, tokens};
    std::unique_ptr<Engine> engine;  // ends first: its readers post to the loop

private:
    void carryOut(const SubscriptionChange& change) {
        Client* client = clients.find(change.connection);
        if (const auto* joined = std::get_if<Subscribe>(&change.change); joined && client) {
            rooms.join(client->presence().subscriber, joined->conversation, joined->viewer);
        }
    }
};

}  // namespace parley::test
