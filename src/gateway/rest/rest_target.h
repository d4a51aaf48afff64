#pragma once

#include <parley/core/json.h>
#include <parley/core/result.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
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

/// Takes apart a path that begins with '/' and a query without its '?'. Refuses with
/// `invalid_request` where a percent-escape is malformed. A closing slash names the same resource.
Result<RestTarget> parseRestTarget(std::string_view path, std::string_view query);

/// Whether `path` matches `pattern`, segment by segment; ":x" stands for any one.
bool matchesRoute(std::string_view pattern, const std::vector<std::string>& path);

/// Which segment of its paths `pattern` calls `name` (":id"), from 0. Nothing: none.
std::optional<std::size_t> segmentOf(std::string_view pattern, std::string_view name);

/// The segments of a pattern: "chat", "conversations", ":id". Views into it.
std::vector<std::string_view> segmentsOf(std::string_view pattern);

/// Whether the query has the parameter `name` more than once.
bool isRepeated(const RestTarget& target, std::string_view name);
/// Refuses, with `invalid_value`, a query that has one of these parameters more than once.
Result<void> checkOnce(const RestTarget& target, std::span<const std::string_view> names);
inline Result<void> checkOnce(const RestTarget& target,
                              std::initializer_list<std::string_view> names) {
    return checkOnce(target, std::span(names.begin(), names.size()));
}
/// The value of the first parameter of that name; null: there is none. The target's own.
const std::string* valueOf(const RestTarget& target, std::string_view name);

/// A time that a query gives, as it was meant: a plus that is not escaped is a blank in a URL, and
/// no time has a blank.
std::string timeIn(std::string text);

/// The whole number that all of `text` is; nothing where it is none, or too large.
std::optional<std::int64_t> wholeNumber(std::string_view text);

/// A query's text as the JSON value it would be in a body, so that one parser checks both.
Json numberOrText(const std::string& text);

}  // namespace parley
