#include <parley/gateway/calls/wire_request.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

using namespace parley;

namespace {

std::string wireDocument() {
    std::ifstream file(std::string(PARLEY_SOURCE_DIR) + "/docs/wire.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// What stands between two lines that begin like this.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto begin = text.find("\n" + from);
    REQUIRE(begin != std::string::npos);
    return text.substr(begin, text.find("\n" + to, begin + 1) - begin);
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern) {
    std::vector<std::string> all;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        all.push_back((*at)[1]);
    return all;
}

}  // namespace

TEST_CASE("a request is known by its name alone") {
    CHECK(parseWireRequest("join_room") == WireRequest::joinRoom);
    CHECK(parseWireRequest("leave_dashboard") == WireRequest::leaveDashboard);
    for (const auto* name : {"", "nonsense", "join_room ", "JOIN_ROOM", "start_conversation"}) {
        CHECK_FALSE(parseWireRequest(name));
    }
}

TEST_CASE("the index of a row is its request") {
    for (std::size_t i = 0; i < wireRequests().size(); ++i) {
        const auto request = parseWireRequest(wireRequests()[i].name);
        REQUIRE(request);
        CHECK(static_cast<std::size_t>(*request) == i);
        CHECK(wireRequestName(*request) == wireRequests()[i].name);
    }
}

TEST_CASE("docs/wire.md shows the requests as they are") {
    std::vector<std::string> names;
    for (const auto& request : wireRequests()) names.emplace_back(request.name);
    std::vector<std::string> documented;
    std::istringstream section(between(wireDocument(), "## Requests", "## "));
    static const std::regex name("`([a-z]+(?:_[a-z_]+)?)");
    for (std::string line; std::getline(section, line);) {
        if (!line.starts_with("| `")) continue;
        const auto cell = line.substr(0, line.find(" | ", 2));
        const auto first = matches(cell, name);
        // A row shows one request with its fields, or several that have none.
        const std::size_t shown = cell.find('{') == std::string::npos ? first.size() : 1;
        documented.insert(documented.end(), first.begin(),
                          first.begin() + static_cast<std::ptrdiff_t>(shown));
    }
    std::sort(names.begin(), names.end());
    std::sort(documented.begin(), documented.end());
    CHECK(documented == names);
}

TEST_CASE("docs/wire.md names the requests that answer with an event of their own name") {
    std::vector<std::string> names;
    for (const auto& request : wireRequests()) {
        if (request.answersWithEvent) names.emplace_back(request.name);
    }
    const auto text = wireDocument();
    const auto end = text.find("reply with an event that has the request's name");
    REQUIRE(end != std::string::npos);
    const auto begin = text.rfind('\n', end);
    CHECK(matches(text.substr(begin, end - begin), std::regex("`([a-z]+(?:_[a-z_]+)?)`")) == names);
}

TEST_CASE("each request counts in one class of rates") {
    const auto namesIn = [](RateClass kind) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < wireRequests().size(); ++i) {
            const auto request = static_cast<WireRequest>(i);
            if (rateClassOf(request) == kind) names.emplace_back(wireRequestName(request));
        }
        return names;
    };
    using Names = std::vector<std::string>;
    CHECK(namesIn(RateClass::messages) == Names{"send_message", "share_robot_message"});
    CHECK(namesIn(RateClass::typing) == Names{"typing_start", "typing_stop"});
    CHECK(namesIn(RateClass::reads) == Names{"get_messages"});
    CHECK(namesIn(RateClass::joins) == Names{"join_room", "leave_room", "watch_room",
                                             "unwatch_room", "join_dashboard", "leave_dashboard",
                                             "join_log", "leave_log", "authenticate"});
}
