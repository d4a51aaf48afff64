#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

/// The query of a URL, split into its parameters. Pure; any thread.
namespace parley {

/// One parameter as the query has it, still percent-encoded. The views point into the query.
struct QueryParameter {
    std::string_view name;
    std::string_view value;  ///< behind the first '='; empty where there is none
};

/// Takes the first parameter and the '&' behind it off `query`, which is without '?'. Nothing when
/// `query` is empty. "a&&b" has three parameters, of which the second is empty; "a&" has one.
inline std::optional<QueryParameter> takeParameter(std::string_view& query) {
    if (query.empty()) return std::nullopt;
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    return QueryParameter{.name = pair.substr(0, equals),
                          .value = pair.substr(std::min(equals + 1, pair.size()))};
}

}  // namespace parley
