#include "clock.h"
#include "fleet.h"
#include "memory_per_connection.h"
#include "other_scenarios.h"
#include "poller.h"

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace parley::bench {
namespace {

constexpr std::size_t membersPerRoom = 10;
constexpr std::chrono::seconds settleTime{3};

/// Clients that each joined one room and then wait in a long-poll for its events.
class ParkedPolls {
public:
    ParkedPolls(const Options& options, std::size_t count, std::size_t firstUser) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t user = firstUser + i;
            const std::string room =
                "bench-" + options.run + "-" + std::to_string(user / membersPerRoom);
            Poller& poller =
                *pollers_.emplace_back(std::make_unique<Poller>(options.ports.front()));
            poller.post("40");
            poller.poll();
            poller.post(R"(420["join_room",{"conversationId":")" + room + R"(","userId":"u)" +
                        std::to_string(user) + R"(","userRole":"cx-agent"}])");
            while (poller.poll().find(R"("success":true)") == std::string::npos) {
            }
            poller.park();
        }
        std::this_thread::sleep_for(settleTime);
    }
    /// A member receives the joins after its own; then it polls again when it is told to.
    void parkAgain() {
        for (bool heard = true; heard;) {
            heard = false;
            for (const auto& poller : pollers_) heard |= poller->parkAgain();
        }
    }

private:
    std::vector<std::unique_ptr<Poller>> pollers_;
};

}  // namespace

Report runParked(const Options& options) {
    if (options.serverPids.size() != 1) throw CannotRun("parked needs --pid");
    ParkedPolls first(options, 100, 0);
    first.parkAgain();
    const Memory before = memoryOf(options.serverPids.front());

    const std::size_t polls = options.connections.value_or(1'000);
    ParkedPolls parked(options, polls, 100);
    parked.parkAgain();
    std::this_thread::sleep_for(settleTime);
    const Memory after = memoryOf(options.serverPids.front());

    Report report;
    addMemoryPerConnection(report.figures, before, after, polls);
    return report;
}

}  // namespace parley::bench
