#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <catch2/catch.hpp>

namespace {

using Layers = std::set<std::string>;

// What each layer may include: docs/architecture.md.
const std::map<std::string, Layers>& allowed() {
    static const std::map<std::string, Layers> table{
        {"core", {}},
        {"domain", {"core"}},
        {"log", {"core", "domain"}},
        {"projection", {"core", "domain", "log"}},
        {"engine", {"core", "domain", "log", "projection"}},
        {"engineio", {"core"}},
        {"socketio", {"core"}},
        {"net", {"core", "engineio"}},
        {"broadcast", {"core", "domain", "log", "projection", "engineio", "socketio"}},
        {"gateway", {"core", "domain", "log", "projection", "engine", "engineio", "socketio", "net",
                     "broadcast"}},
        {"app", {"core", "domain", "log", "projection", "engine", "engineio", "socketio", "net",
                 "broadcast", "gateway"}},
    };
    return table;
}

}  // namespace

TEST_CASE("dependencies between layers point down") {
    static const std::regex include("^#include [<\"](?:parley/)?([a-z]+)/[a-z_]+\\.(?:h|def)[>\"]");
    int files = 0;
    for (const auto& [layer, may] : allowed()) {
        for (const std::string top : {"include/parley/", "src/"}) {
            const auto folder = std::filesystem::path(PARLEY_SOURCE_DIR) / (top + layer);
            for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
                if (!entry.is_regular_file()) continue;
                ++files;
                std::ifstream file(entry.path());
                for (std::string line; std::getline(file, line);) {
                    std::smatch found;
                    if (!std::regex_search(line, found, include)) continue;
                    const std::string other = found[1];
                    if (!allowed().contains(other) || other == layer) continue;
                    CAPTURE(entry.path().string(), line);
                    CHECK(may.contains(other));
                }
            }
        }
    }
    REQUIRE(files > 50);
}
