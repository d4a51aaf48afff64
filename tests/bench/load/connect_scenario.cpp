#include "fleet.h"
#include "other_scenarios.h"
#include "usage_window.h"

namespace parley::bench {
namespace {

class ConnectScenario : public Fleet {
public:
    explicit ConnectScenario(const Options& options)
        : Fleet(options, options.connections.value_or(3000)) {}

    Report run() {
        UsageWindow window(options_.serverPids);
        window.start();
        open();
        window.stop();
        loop_.runFor(150 * nsPerMs);  // a connection dropped right away does not count
        Report report;
        report.problem = lost_;
        window.addRates(report.figures, "connections", size());
        window.addCores(report.figures);
        return report;
    }

private:
    std::string joinEvent(std::size_t) const override { return {}; }
    void handleEvent(std::size_t, std::string_view) override {}
    void handleReply(std::size_t, std::uint64_t, std::string_view) override {}
    void handleLost(std::size_t index, const std::string& why) override {
        lost_ = "connection " + std::to_string(index) + " was lost: " + why;
    }

    std::string lost_;
};

}  // namespace

Report runConnect(const Options& options) {
    return ConnectScenario(options).run();
}

}  // namespace parley::bench
