#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// The type that a line of a header begins to define, outside every other type; empty where it
/// defines none. A specialisation defines no new name.
std::string typeDefined(const std::string& line) {
    static const std::regex definition(
        R"re(^(?:class|struct|enum class|using) (?:\[\[nodiscard\]\] )?([A-Z]\w*)(?![\w<:])[^;]*(;?)$)re");
    std::smatch found;
    if (!std::regex_match(line, found, definition)) return {};
    const bool isAlias = line.starts_with("using ");
    const bool isDeclaration = found[2].length() > 0 && line.find('{') == std::string::npos;
    return isAlias || !isDeclaration ? found[1].str() : std::string();
}

/// Every type of the product's headers, and the headers that define it.
std::map<std::string, std::set<std::string>> types() {
    std::map<std::string, std::set<std::string>> all;
    for (const char* folder : {"include/parley", "src"}) {
        const fs::path root = fs::path(PARLEY_SOURCE_DIR) / folder;
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            if (entry.path().extension() != ".h") continue;
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);) {
                const std::string type = typeDefined(line);
                if (!type.empty()) all[type].insert(entry.path().string());
            }
        }
    }
    return all;
}

}  // namespace

TEST_CASE("a line of a header defines a type, or only names one") {
    CHECK(typeDefined("class Server {") == "Server");
    CHECK(typeDefined("struct Session : Timer {") == "Session");
    CHECK(typeDefined("enum class Refused : std::uint8_t {") == "Refused");
    CHECK(typeDefined("enum class Via : std::uint8_t { socket, rest };") == "Via");
    CHECK(typeDefined("struct Barrier {};") == "Barrier");
    CHECK(typeDefined("class IoLoop final : public Loop {") == "IoLoop");
    CHECK(typeDefined("using EventPtr = std::shared_ptr<const Event>;") == "EventPtr");
    for (const char* line :
         {"struct TcpConnection;", "struct Handling<JoinRoom> {", "struct Endpoint::Impl {",
          "    struct Room {", "using namespace parley;", "// class Server {"}) {
        CAPTURE(line);
        CHECK(typeDefined(line).empty());
    }
}

TEST_CASE("no two headers define types of one name") {
    // Three layers call their settings so.
    const std::set<std::string> shared{"Options"};
    const auto all = types();
    REQUIRE(all.size() > 300);
    for (const auto& [type, headers] : all) {
        CAPTURE(type, headers);
        CHECK((headers.size() == 1 || shared.contains(type)));
    }
}
