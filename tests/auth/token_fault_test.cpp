#include <parley/auth/token_fault.h>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

using namespace parley::auth;

TEST_CASE("docs/tokens.md explains every fault, by names that are unique") {
    std::ifstream file(std::string(PARLEY_SOURCE_DIR) + "/docs/tokens.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < kTokenFaultCount; ++i) {
        const auto name = tokenFaultName(static_cast<TokenFault>(i));
        CAPTURE(name);
        CHECK(names.insert(name).second);
        CHECK(text.find("`" + std::string(name) + "`") != std::string::npos);
    }
}
