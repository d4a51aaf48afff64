#include "chat_scenario.h"
#include "options.h"
#include "other_scenarios.h"
#include "server_usage.h"

#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>

namespace {

using parley::bench::ChatScenario;
using parley::bench::ChatShape;
using parley::bench::Options;
using parley::bench::Report;

using Runner = std::function<Report(const Options&)>;

Runner chat(ChatShape shape) {
    return [shape](const Options& options) {
        ChatShape asked = shape;
        if (options.window) asked.window = *options.window;
        if (options.rate && shape.ratePerSecond > 0) asked.ratePerSecond = *options.rate;
        return ChatScenario(options, asked).run();
    };
}

const std::map<std::string, Runner>& scenarios() {
    static const std::map<std::string, Runner> table{
        {"room10", chat({.rooms = 1, .membersPerRoom = 10, .window = 64})},
        {"fan100", chat({.rooms = 10,
                         .membersPerRoom = 100,
                         .sendersPerRoom = 2,
                         .window = 4,
                         .dashboard = true})},
        {"fan10", chat({.rooms = 100, .membersPerRoom = 10, .window = 4})},
        {"duo", chat({.rooms = 300, .membersPerRoom = 2, .window = 4})},
        {"pingpong",
         chat({.rooms = 1, .membersPerRoom = 2, .window = 1, .timeEachDelivery = true})},
        {"paced", chat({.rooms = 100,
                        .membersPerRoom = 10,
                        .ratePerSecond = 1000,
                        .timeEachDelivery = true})},
        {"connect", parley::bench::runConnect},
        {"history", parley::bench::runHistory},
        {"idle", parley::bench::runIdle},
        {"parked", parley::bench::runParked},
    };
    return table;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parley::bench::parseOptions(argc, argv);
    const auto scenario = scenarios().find(options.scenario);
    if (scenario == scenarios().end()) {
        std::fprintf(stderr, "parley-load: no scenario '%s' (see --help)\n",
                     options.scenario.c_str());
        return 2;
    }
    try {
        parley::bench::raiseFileLimit();
        const Report report = scenario->second(options);
        nlohmann::ordered_json line{{"scenario", options.scenario}, {"ok", report.problem.empty()}};
        if (!report.problem.empty()) line["problem"] = report.problem;
        // Figures of a failed run mean nothing and are not shown.
        if (report.problem.empty()) line.update(report.figures);
        std::printf("%s\n",
                    line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
        if (!report.problem.empty()) {
            std::fprintf(stderr, "parley-load: WRONG DELIVERY: %s\n", report.problem.c_str());
            return 1;
        }
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "parley-load: %s could not run: %s\n", options.scenario.c_str(),
                     e.what());
        return 2;
    }
}
