#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Layers = std::set<std::string>;
using Table = std::map<std::string, Layers>;

const fs::path& root() {
    static const fs::path path = PARLEY_SOURCE_DIR;
    return path;
}

/// What each layer may include besides itself. docs/architecture.md shows the same table.
const Table& allowed() {
    static const Table table{
        {"core", {}},
        {"domain", {"core"}},
        {"auth", {"core", "domain"}},
        {"log", {"core", "domain"}},
        {"projection", {"core", "domain", "log"}},
        {"audit", {"core", "domain", "log", "projection"}},
        {"engine", {"core", "domain", "log", "projection"}},
        {"cluster", {"core", "domain", "log", "projection", "engine"}},
        {"engineio", {"core"}},
        {"socketio", {"core"}},
        {"net", {"core", "engineio"}},
        {"broadcast", {"core", "domain", "log", "projection", "engineio", "socketio"}},
        {"gateway",
         {"core", "domain", "auth", "log", "projection", "audit", "engine", "cluster", "engineio",
          "socketio", "net", "broadcast"}},
        {"app",
         {"core", "domain", "auth", "log", "projection", "audit", "engine", "cluster", "engineio",
          "socketio", "net", "broadcast", "gateway"}},
    };
    return table;
}

/// Folders below src/ that hold no C++.
const Layers& withoutCode() {
    static const Layers folders{"console"};
    return folders;
}

/// The layer that an #include line names, at any depth; empty where it names none of ours.
std::string layerIncluded(const std::string& line) {
    static const std::regex include(R"re(^\s*#\s*include\s*[<"](?:parley/)?([a-z]+)/[^>"]+[>"])re");
    std::smatch found;
    if (!std::regex_search(line, found, include)) return {};
    return allowed().contains(found[1]) ? found[1].str() : std::string();
}

std::vector<std::string> lines(const fs::path& path) {
    std::ifstream file(path);
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) all.push_back(line);
    return all;
}

Layers namesInBackticks(const std::string& text) {
    static const std::regex name("`([a-z]+)`");
    Layers names;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at)
        names.insert((*at)[1]);
    return names;
}

/// The rows "| `layer` | what lives there | `layers`, `it`, `may` include |".
Table documented() {
    Table table;
    for (const std::string& line : lines(root() / "docs" / "architecture.md")) {
        std::vector<std::string> cells;
        std::istringstream row(line);
        for (std::string cell; std::getline(row, cell, '|');) cells.push_back(cell);
        if (cells.size() != 4) continue;
        const Layers named = namesInBackticks(cells[1]);
        if (named.size() == 1 && allowed().contains(*named.begin()))
            table[*named.begin()] = namesInBackticks(cells[3]);
    }
    return table;
}

}  // namespace

TEST_CASE("an include names its layer at any depth") {
    CHECK(layerIncluded("#include <parley/log/database.h>") == "log");
    CHECK(layerIncluded("#include \"gateway/rest/routes.h\"") == "gateway");
    CHECK(layerIncluded("#  include <parley/core/error_codes.def>") == "core");
    CHECK(layerIncluded("#include <vector>").empty());
    CHECK(layerIncluded("#include <sys/stat.h>").empty());
    CHECK(layerIncluded("// #include \"gateway/rest.h\"").empty());
}

TEST_CASE("dependencies between layers point down") {
    int files = 0;
    for (const auto& [layer, may] : allowed()) {
        for (const char* top : {"include/parley", "src"}) {
            for (const auto& entry : fs::recursive_directory_iterator(root() / top / layer)) {
                if (!entry.is_regular_file()) continue;
                ++files;
                for (const std::string& line : lines(entry.path())) {
                    const std::string other = layerIncluded(line);
                    if (other.empty() || other == layer) continue;
                    CAPTURE(entry.path().string(), line);
                    CHECK(may.contains(other));
                }
            }
        }
    }
    REQUIRE(files > 50);
}

TEST_CASE("every folder of sources is a layer") {
    for (const char* top : {"include/parley", "src"}) {
        for (const auto& entry : fs::directory_iterator(root() / top)) {
            CAPTURE(entry.path().string());
            const std::string name = entry.path().filename().string();
            CHECK(entry.is_directory());
            CHECK((allowed().contains(name) || withoutCode().contains(name)));
        }
    }
}

TEST_CASE("docs/architecture.md shows the layers as they are") {
    CHECK(documented() == allowed());
}
