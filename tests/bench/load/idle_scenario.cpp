#include "clock.h"
#include "fleet.h"
#include "memory_per_connection.h"
#include "other_scenarios.h"

namespace parley::bench {
namespace {

constexpr std::size_t membersPerRoom = 10;
/// Long enough for a collector or allocator to return the memory that only the joins needed.
constexpr std::int64_t settleNs = 3 * nsPerSecond;

class IdleScenario : public Fleet {
public:
    IdleScenario(const Options& options, std::size_t connections, std::size_t firstUser)
        : Fleet(options, connections), firstUser_(firstUser) {}

    void settle() { loop_.runFor(settleNs); }
    const std::string& lost() const { return lost_; }

private:
    std::string joinEvent(std::size_t index) const override {
        const std::size_t user = firstUser_ + index;
        return joinRoomEvent(user / membersPerRoom, user);
    }
    void handleEvent(std::size_t, std::string_view) override {}
    void handleReply(std::size_t, std::uint64_t, std::string_view) override {}
    void handleLost(std::size_t index, const std::string& why) override {
        lost_ = "connection " + std::to_string(index) + " was lost: " + why;
    }

    std::size_t firstUser_;
    std::string lost_;
};

}  // namespace

Report runIdle(const Options& options) {
    if (options.serverPids.size() != 1) throw CannotRun("idle needs --pid");
    // A hundred connections first, so that one-time costs of the server are not counted per
    // connection.
    IdleScenario first(options, 100, 0);
    first.open();
    first.settle();
    const Memory before = memoryOf(options.serverPids.front());

    const std::size_t connections = options.connections.value_or(10'000);
    IdleScenario idle(options, connections, 100);
    idle.open();
    idle.settle();
    const Memory after = memoryOf(options.serverPids.front());

    Report report;
    report.problem = first.lost().empty() ? idle.lost() : first.lost();
    addMemoryPerConnection(report.figures, before, after, connections);
    return report;
}

}  // namespace parley::bench
