#include "gateway/rest/rest_target.h"

#include <parley/core/query_string.h>

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace parley {
namespace {

// Percent-decodes; nothing where an escape is malformed.
std::optional<std::string> decode(std::string_view text, bool plusAsSpace) {
    std::string out;
    try {
        Poco::URI::decode(std::string(text), out, plusAsSpace);
    } catch (const Poco::Exception&) {
        return std::nullopt;
    }
    return out;
}

bool readPath(std::string_view path, RestTarget& target) {
    for (std::size_t from = 1; from <= path.size();) {
        const auto end = std::min(path.find('/', from), path.size());
        auto segment = decode(path.substr(from, end - from), false);
        if (!segment) return false;
        // A closing slash names the same resource.
        if (!segment->empty() || end != path.size()) target.path.push_back(std::move(*segment));
        from = end + 1;
    }
    return true;
}

bool readQuery(std::string_view query, RestTarget& target) {
    while (const auto parameter = takeParameter(query)) {
        auto name = decode(parameter->name, true);
        auto value = decode(parameter->value, true);
        if (!name || !value) return false;
        target.query.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

// Takes the first segment of a pattern off it, with the slash in front.
std::string_view takeSegment(std::string_view& pattern) {
    pattern.remove_prefix(1);
    const auto segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    return segment;
}

}  // namespace

Result<RestTarget> parseRestTarget(std::string_view path, std::string_view query) {
    RestTarget target;
    if (!readPath(path, target)) return Error{ErrorCode::invalid_request, "the path is malformed"};
    if (!readQuery(query, target)) {
        return Error{ErrorCode::invalid_request, "the query is malformed"};
    }
    return target;
}

bool matchesRoute(std::string_view pattern, const std::vector<std::string>& path) {
    for (const auto& segment : path) {
        if (pattern.empty()) return false;
        const auto wanted = takeSegment(pattern);
        if (!wanted.starts_with(':') && wanted != segment) return false;
    }
    return pattern.empty();
}

std::optional<std::size_t> segmentOf(std::string_view pattern, std::string_view name) {
    for (std::size_t i = 0; !pattern.empty(); ++i) {
        if (takeSegment(pattern) == name) return i;
    }
    return std::nullopt;
}

std::vector<std::string_view> segmentsOf(std::string_view pattern) {
    std::vector<std::string_view> segments;
    while (!pattern.empty()) segments.push_back(takeSegment(pattern));
    return segments;
}

const std::string* valueOf(const RestTarget& target, std::string_view name) {
    for (const auto& [known, value] : target.query) {
        if (known == name) return &value;
    }
    return nullptr;
}

bool isRepeated(const RestTarget& target, std::string_view name) {
    return std::ranges::count(target.query, name, [](const auto& one) { return one.first; }) > 1;
}

Result<void> checkOnce(const RestTarget& target, std::span<const std::string_view> names) {
    for (const auto name : names) {
        if (!isRepeated(target, name)) continue;
        return Error{ErrorCode::invalid_value, std::string(name) + " must be given only once"};
    }
    return {};
}

std::string timeIn(std::string text) {
    std::replace(text.begin(), text.end(), ' ', '+');
    return text;
}

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Json numberOrText(const std::string& text) {
    const auto number = wholeNumber(text);
    return number ? Json(*number) : Json(text);
}

}  // namespace parley
