#pragma once

#include <parley/core/json.h>
#include <parley/core/result.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a REST request's URL says. Pure; any thread.
namespace parley {

struct RestTarget {
    std::vector<std::string> path;  ///< segments, percent-decoded
    std::vector<std::pair<std::string, std::string>> query;
};

/// Takes a path that begins with '/' and a query without its '?' apart. Refuses with
/// `invalid_request` where a percent-escape is malformed. A closing slash names the same resource.
Result<RestTarget> parseRestTarget(std::string_view path, std::string_view query);

/// Whether `path` is one that `pattern` means; ":x" stands for any one segment.
bool matchesRoute(std::string_view pattern, const std::vector<std::string>& path);

/// A query's text as the JSON value it would be in a body, so that one parser checks both.
Json numberOrText(const std::string& text);

}  // namespace parley
