#include "cluster/fake_log.h"
#include "cluster/node_world.h"

#include <catch2/catch.hpp>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

/// Three nodes and a stream with faults, driven by a seed: commands, leaders that fall and rise
/// without knowing of each other, restarts, appends whose answer is lost or that arrive late. In
/// the end all nodes hold the same log, every message that was acknowledged once, and none that was
/// refused.
using namespace parley;
using namespace parley::test;

namespace {

/// Schedules of one run of the tests; PARLEY_SIMULATED asks for more.
unsigned schedules() {
    const char* asked = std::getenv("PARLEY_SIMULATED");
    return asked ? static_cast<unsigned>(std::strtoul(asked, nullptr, 10)) : 8;
}

enum class Fate { open, acknowledged, refused };

/// The first lines that differ, and the table that they are of.
std::string firstDifference(const std::string& one, const std::string& other) {
    std::istringstream ones(one);
    std::istringstream others(other);
    std::string table;
    std::string line;
    for (std::string theirs; std::getline(ones, line);) {
        if (!std::getline(others, theirs)) return table + line + " and nothing";
        if (line.starts_with("== ")) table = line + ": ";
        if (line != theirs) return table + line + " and " + theirs;
    }
    return std::getline(others, line) ? table + "nothing and " + line : std::string();
}

class Simulation {
public:
    Simulation(std::uint64_t seed, const FakeLog::Faults& faults) : random_(seed), log_(seed) {
        for (const char* name : {"a", "b", "c"}) {
            nodes_.push_back(std::make_unique<NodeWorld>(name, log_));
        }
        log_.have(faults);
    }

    /// What went wrong; empty: nothing.
    std::string run(int turns) {
        for (int i = 0; i < turns && problem_.empty(); ++i) turn();
        // What is still under way arrives, and the network is well again.
        log_.have({.fenced = log_.faults().fenced, .remembersIds = log_.faults().remembersIds});
        for (int i = 0; i < 3 && problem_.empty(); ++i) lead(node());
        if (problem_.empty()) compare();
        return problem_;
    }
    std::size_t acknowledged() const { return countOf(Fate::acknowledged); }
    std::size_t refused() const { return countOf(Fate::refused); }
    unsigned leaders() const { return leaders_; }

private:
    unsigned below(unsigned max) {
        std::array<std::uint8_t, 2> bytes;
        random_.fill(bytes);
        return (bytes[0] * 256U + bytes[1]) % max;
    }
    NodeWorld& node() { return *nodes_[below(3)]; }
    // Mostly one that leads, or believes that it does.
    NodeWorld& nodeToAsk() {
        auto& any = node();
        if (below(5) == 0) return any;
        for (std::size_t i = 0, from = below(3); i < 3; ++i) {
            auto& node = *nodes_[(from + i) % 3];
            if (node.replica().leads()) return node;
        }
        return any;
    }

    void turn() {
        switch (below(20)) {
            case 0: return lead(node());
            case 1: return restart(node());
            case 2:
            case 3:
            case 4: return pull(node());
            case 5:
                for (auto& each : nodes_) each->world().clock().advance(std::chrono::seconds(4));
                return settle(node());
            default:
                auto& asked = nodeToAsk();
                command(asked);
                settle(asked);
        }
    }

    void command(NodeWorld& node) {
        auto& world = node.world();
        const auto room = "room" + std::to_string(below(3));
        if (below(6) == 0) return world.join(room, "ann");
        if (below(6) == 0) return world.type(room, "ann", "Ann");
        const auto content = 'm' + std::to_string(fates_.size());
        fates_[content] = Fate::open;
        const std::uint64_t number = fates_.size();
        waiting_[{node.name(), number}] = content;
        world.submit({number}, Command(message(room, "ann", UserRole::agent, content)));
    }

    void settle(NodeWorld& node) {
        node.world().settle();
        note(node);
    }

    // What the node's clients have been told.
    void note(NodeWorld& node) {
        const auto& outcomes = node.world().sink().outcomes();
        for (auto& at = noted_[node.name()]; at < outcomes.size(); ++at) {
            const auto& outcome = outcomes[at];
            const auto sent = waiting_.find({node.name(), outcome.origin.connection.value});
            if (sent == waiting_.end()) continue;
            fates_[sent->second] = outcome.reply.ok() ? Fate::acknowledged : Fate::refused;
            waiting_.erase(sent);
        }
    }

    void pull(NodeWorld& node) {
        const auto pulled = node.pull();
        if (!pulled) problem_ = node.name() + ": " + pulled.error().message;
        note(node);
    }

    // Without knowing whether another node leads.
    void lead(NodeWorld& node) {
        pull(node);
        if (!problem_.empty()) return;
        if (node.replica().askToLead(node.head()) == Append::taken) ++leaders_;
        pull(node);
    }

    void restart(NodeWorld& node) {
        note(node);
        node.restart();
        noted_[node.name()] = 0;
    }

    void compare() {
        for (auto& node : nodes_) pull(*node);
        if (!problem_.empty()) return;
        for (auto& node : nodes_) {
            const auto difference = firstDifference(nodes_.front()->content(), node->content());
            if (difference.empty()) continue;
            problem_ = "a and " + node->name() + " differ: " + difference;
            return;
        }
        for (const auto& [content, fate] : fates_) {
            const auto there = nodes_.front()->count(
                "SELECT count(*) FROM event WHERE content = '" + content + "'");
            if (there > 1) problem_ = content + " was carried out twice";
            if (fate == Fate::acknowledged && there == 0) problem_ = content + " was lost";
            if (fate == Fate::refused && there > 0) problem_ = content + " was refused and stored";
        }
    }

    std::size_t countOf(Fate fate) const {
        std::size_t count = 0;
        for (const auto& entry : fates_) count += entry.second == fate ? 1 : 0;
        return count;
    }

    SeededRandom random_;
    FakeLog log_;
    std::vector<std::unique_ptr<NodeWorld>> nodes_;
    std::map<std::string, Fate> fates_;                                     // by content
    std::map<std::pair<std::string, std::uint64_t>, std::string> waiting_;  // not answered yet
    std::map<std::string, std::size_t> noted_;                              // outcomes, by node
    unsigned leaders_ = 0;
    std::string problem_;
};

constexpr FakeLog::Faults kBadNetwork{.requestLost = 10, .answerLost = 10, .late = 10};
constexpr int kTurns = 250;

/// Schedules until one shows a problem, at most 60; what it was.
std::string firstProblem(const FakeLog::Faults& faults) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        auto problem = Simulation(seed, faults).run(kTurns);
        if (problem.empty()) continue;
        WARN("found with seed " << seed << ": " << problem);
        return problem;
    }
    return {};
}

}  // namespace

TEST_CASE("under any schedule all nodes hold one log, with all that was acknowledged, once") {
    std::size_t acknowledged = 0;
    std::size_t refused = 0;
    unsigned leaders = 0;
    for (std::uint64_t seed = 1; seed <= schedules(); ++seed) {
        INFO("seed " << seed);
        Simulation simulation(seed, kBadNetwork);
        REQUIRE(simulation.run(kTurns) == "");
        acknowledged += simulation.acknowledged();
        refused += simulation.refused();
        leaders += simulation.leaders();
    }
    WARN(schedules() << " schedules, " << leaders << " leaders: acknowledged " << acknowledged
                     << ", lost 0, doubled 0, refused " << refused);
    CHECK(acknowledged > 40 * schedules());
    CHECK(refused > schedules());
    CHECK(leaders > 3 * schedules());
}

TEST_CASE("the simulation finds a stream that does not fence") {
    auto faults = kBadNetwork;
    faults.fenced = false;
    CHECK(firstProblem(faults) != "");
}

TEST_CASE("the simulation finds a stream that forgets what it has taken") {
    auto faults = kBadNetwork;
    faults.remembersIds = false;
    CHECK(firstProblem(faults) != "");
}
