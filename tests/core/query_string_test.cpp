#include <parley/core/query_string.h>

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace parley;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs parametersOf(std::string_view query) {
    Pairs pairs;
    while (const auto parameter = takeParameter(query)) {
        pairs.emplace_back(parameter->name, parameter->value);
    }
    return pairs;
}

}  // namespace

TEST_CASE("a query is split at '&', and a parameter at its first '='") {
    const std::pair<const char*, Pairs> rows[] = {
        {"", {}},
        {"a", {{"a", ""}}},
        {"a=", {{"a", ""}}},
        {"=1", {{"", "1"}}},
        {"a=1&b=2", {{"a", "1"}, {"b", "2"}}},
        {"a=1=2", {{"a", "1=2"}}},
        {"a=1&", {{"a", "1"}}},
        {"&a=1", {{"", ""}, {"a", "1"}}},
        {"a&&b", {{"a", ""}, {"", ""}, {"b", ""}}},
        {"a%3D1=x%26y+z", {{"a%3D1", "x%26y+z"}}},
    };
    for (const auto& [query, pairs] : rows) {
        CAPTURE(query);
        CHECK(parametersOf(query) == pairs);
    }
}
