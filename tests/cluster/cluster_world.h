#pragma once

#include "cluster/fake_bus.h"
#include "cluster/fake_log.h"
#include "cluster/shared_content.h"
#include "support/engine_world.h"

#include <parley/cluster/node.h>
#include <parley/log/log_head.h>
#include <parley/log/replication_mark.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace parley::test {

/// A node's gate in front of a disk that is full for one commit, if told so.
class FullDiskGate final : public Gate {
public:
    void use(Gate& gate) { gate_ = &gate; }
    void becomeFull() { isFull_ = true; }

    Answer agree(Unit unit) override {
        auto& db = unit.db;
        auto answer = gate_->agree(std::move(unit));
        if (answer.verdict == Verdict::agreed && std::exchange(isFull_, false)) fill(db);
        return answer;
    }
    void committed(const ReplicationMark& mark, const LogHead& head) override {
        gate_->committed(mark, head);
    }
    void notCommitted() override {
        full_->sqlite().exec("PRAGMA max_page_count = 1000000");
        gate_->notCommitted();
    }
    bool leads() const override { return gate_->leads(); }
    bool isHere(const ReplyTo& replyTo) const override { return gate_->isHere(replyTo); }

private:
    // The row that says where the unit was agreed on needs more pages than there may be.
    void fill(Database& db) {
        full_ = &db;
        db.sqlite().exec("CREATE TABLE fill(x)");
        for (const std::string change : {"INSERT", "UPDATE"}) {
            db.sqlite().exec("CREATE TRIGGER on_" + change + " AFTER " + change +
                             " ON cluster_state BEGIN INSERT INTO fill VALUES (zeroblob(100000)); "
                             "END");
        }
        db.sqlite().exec("PRAGMA max_page_count = 1");  // no less than it has now
    }

    Gate* gate_ = nullptr;
    bool isFull_ = false;
    Database* full_ = nullptr;
};

/// One process of a cluster, as far as this process can be several: an engine and a node, stepped
/// by the test. It dies without a word, and starts again on its folder.
class Process {
public:
    struct World {
        FakeLog& log;
        FakeNetwork& network;
        const TestClock& clock;
        std::vector<std::string> voters;
        NodeRules rules;
        std::function<void()> pause;  ///< time passes while a writer waits for the stream
    };
    Process(std::string name, std::uint16_t number, const World& world)
        : name_(std::move(name)),
          run_{number, 0},
          world_(world),
          cuttable_(name_, world.log, world.network),
          random_(number) {
        start();
    }

    const std::string& name() const { return name_; }
    bool isAlive() const { return node_ != nullptr; }
    Node& node() { return *node_; }
    RunId run() const { return run_; }
    /// What its clients were told.
    std::vector<Outcome>& told() { return sink_.told; }

    void start() {
        ++run_.run;
        bus_ = std::make_unique<FakeBus>(name_, world_.network);
        NodeOptions options;
        options.cluster = "c";
        options.node = name_;
        options.run = run_;
        options.voters = world_.voters;
        options.stepped = true;
        options.pause = world_.pause;
        options.rules = world_.rules;
        node_ = std::make_unique<Node>(std::move(options), cuttable_, *bus_, world_.clock, random_,
                                       sink_, place());
        EngineOptions its;
        its.dataFolder = folder_.path();
        gate_.use(node_->gate());
        its.gate = &gate_;
        its.stepped = true;
        its.synchronous = Synchronous::normal;  // nothing here loses power
        auto engine = Engine::open(its, world_.clock, random_, *node_);
        REQUIRE(engine.ok());
        engine_ = std::move(*engine);
        node_->begin(*engine_);
    }
    /// As a kill -9: what was not told yet is never told.
    void kill() {
        bus_->silence();
        stop();
    }
    /// As a SIGTERM.
    void stop() {
        node_->stop();
        engine_.reset();
        node_.reset();
        bus_.reset();
    }
    void step() {
        if (!isAlive()) return;
        node_->step();
        if (std::exchange(isWriting_, true)) return;  // its writer waits for the stream
        engine_->step();
        isWriting_ = false;
        node_->step();
    }
    bool isWriting() const { return isWriting_; }
    /// For the next commit that the stream takes of it as the leader.
    void fillDiskOnce() { gate_.becomeFull(); }
    Result<void> submit(ConnectionId connection, std::uint64_t number, Work work) {
        Origin origin;
        origin.connection = connection;
        origin.replyTo = ReplyTo(number);
        return node_->submit({origin, std::move(work)});
    }

    LogHead head() {
        auto db = reader();
        auto head = db ? readHead(*db) : Result<LogHead>(LogHead{});
        REQUIRE(head.ok());
        return *head;
    }
    std::int64_t count(const std::string& sql) {
        auto db = reader();
        return db ? db->sqlite().execAndGet(sql).getInt64() : 0;
    }
    /// The log, the views, and what nodes share besides, row by row.
    std::string content() {
        auto db = reader();
        return db ? sharedContentOf(*db) : std::string();
    }

private:
    struct Sink final : OutcomeSink {
        void publish(BatchOutcome batch) override {
            for (auto& outcome : batch.outcomes) told.push_back(std::move(outcome));
        }
        std::vector<Outcome> told;
    };

    Replica::Place place() {
        auto db = reader();
        if (!db) return {{1, 0, 0}, LogHead{}};
        const auto mark = readReplicationMark(*db);
        REQUIRE(mark.ok());
        return {mark->value_or(ReplicationMark{1, 0, 0}), head()};
    }
    std::unique_ptr<Database> reader() {
        const auto file = DataFolder::databaseIn(folder_.path());
        if (!std::filesystem::exists(file)) return nullptr;
        auto db = Database::openReader(file);
        REQUIRE(db.ok());
        return std::move(*db);
    }

    const std::string name_;
    RunId run_;
    const World world_;
    CuttableLog cuttable_;
    SeededRandom random_;
    TempFolder folder_;
    Sink sink_;
    FullDiskGate gate_;
    bool isWriting_ = false;
    std::unique_ptr<FakeBus> bus_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<Engine> engine_;
};

/// Three processes, a stream and a network between them. Time passes when the test lets it.
class ClusterWorld {
public:
    explicit ClusterWorld(std::uint64_t seed = 1, const NodeRules& rules = {})
        : log_(seed), network_(seed + 1) {
        std::uint16_t number = 0;
        for (const char* name : {"a", "b", "c"}) {
            processes_.push_back(std::make_unique<Process>(
                name, ++number,
                Process::World{
                    log_, network_, clock_, {"a", "b", "c"}, rules, [this] { pause(); }}));
        }
    }

    FakeLog& log() { return log_; }
    FakeNetwork& network() { return network_; }
    TestClock& clock() { return clock_; }
    std::vector<std::unique_ptr<Process>>& all() { return processes_; }
    Process& operator[](std::size_t index) { return *processes_[index]; }

    void pass(std::chrono::milliseconds time) {
        for (auto passed = std::chrono::milliseconds(0); passed < time; passed += kStep) {
            clock_.advance(kStep);
            network_.deliver();
            for (auto& process : processes_) process->step();
        }
    }
    /// Time passes while a writer waits for the stream. In the end its node is no longer cut off.
    void pause() {
        if (++pauses_ % 40 == 0) {
            for (auto& process : processes_) network_.cut(process->name(), false);
        }
        pass(kStep);
    }
    /// Lets time pass until `holds()`, at most a minute. False: it never did.
    bool becomes(const std::function<bool()>& holds) {
        for (int i = 0; i < 1200; ++i) {
            if (holds()) return true;
            pass(kStep);
        }
        return false;
    }
    /// The process that leads; null: none.
    Process* leader() {
        for (auto& process : processes_) {
            if (process->isAlive() && process->node().state().leads) return process.get();
        }
        return nullptr;
    }
    Process& becomesLed() {
        REQUIRE(becomes([this] { return leader() != nullptr; }));
        return *leader();
    }
    /// Until all that live have the same log and nothing waits.
    bool becomesQuiet() {
        return becomes([this] {
            const auto* led = leader();
            return led && std::all_of(processes_.begin(), processes_.end(), [&](auto& process) {
                       if (!process->isAlive()) return true;
                       const auto state = process->node().state();
                       return state.applied.sequence == log_.last() && state.waitingRequests == 0 &&
                              state.durable == log_.last() && !state.leader.empty();
                   });
        });
    }

private:
    static constexpr std::chrono::milliseconds kStep{50};
    TestClock clock_;
    FakeLog log_;
    FakeNetwork network_;
    unsigned pauses_ = 0;
    std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace parley::test
