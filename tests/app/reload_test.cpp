#include "app/reload.h"

#include "app/setting_sources.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <set>
#include <string>

using namespace parley;

TEST_CASE("of settings that were read again, some count at once, the others after a restart") {
    const Settings running = app::defaultSettings();
    Settings read = running;
    CHECK(app::changesBetween(running, read).atOnce.empty());
    read.logLevel = "debug";
    read.net.corsOrigins = {"https://agents.example"};
    read.net.port = 3501;
    read.gateway.console.enabled = false;
    read.gateway.console.waitingLong = std::chrono::milliseconds(60'000);
    read.logFormat = "json";
    const auto changes = app::changesBetween(running, read);
    CHECK(std::set<std::string>(changes.atOnce.begin(), changes.atOnce.end()) ==
          std::set<std::string>{"log.level=debug", "cors.origins=https://agents.example",
                                "console.waiting-long=60000"});
    CHECK(std::set<std::string>(changes.atRestart.begin(), changes.atRestart.end()) ==
          std::set<std::string>{"port", "console.enabled", "log.format"});
}
