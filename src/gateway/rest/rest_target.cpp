#include "gateway/rest/rest_target.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace parley {
namespace {

// Percent-decoded; nothing when the escapes are malformed.
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
    for (std::size_t from = 0; from < query.size();) {
        const auto end = std::min(query.find('&', from), query.size());
        const auto pair = query.substr(from, end - from);
        const auto equals = std::min(pair.find('='), pair.size());
        auto name = decode(pair.substr(0, equals), true);
        auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
        if (!name || !value) return false;
        target.query.emplace_back(std::move(*name), std::move(*value));
        from = end + 1;
    }
    return true;
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
    std::size_t segment = 0;
    for (std::size_t from = 1; from <= pattern.size(); ++segment) {
        const auto end = std::min(pattern.find('/', from), pattern.size());
        const auto wanted = pattern.substr(from, end - from);
        if (segment >= path.size()) return false;
        if (!wanted.starts_with(':') && wanted != path[segment]) return false;
        from = end + 1;
    }
    return segment == path.size();
}

Json numberOrText(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
    return text;
}

}  // namespace parley
