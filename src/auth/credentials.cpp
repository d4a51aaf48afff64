#include <parley/auth/credentials.h>
#include <parley/core/blanks.h>

#include <algorithm>

namespace parley::auth {
namespace {

constexpr std::string_view kBlank = " \t";

// `lower` has letters only.
bool equalsWithoutCase(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
}

std::string_view withoutQuotes(std::string_view value) {
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
}

}  // namespace

std::optional<std::string_view> bearerToken(std::string_view authorization) {
    const auto value = withoutBlanks(authorization);
    const auto space = value.find_first_of(kBlank);
    if (space == std::string_view::npos || !equalsWithoutCase(value.substr(0, space), "bearer")) {
        return std::nullopt;
    }
    return withoutBlanks(value.substr(space));
}

std::optional<std::string_view> cookieValue(std::string_view cookies, std::string_view name) {
    std::optional<std::string_view> found;
    while (!cookies.empty()) {
        const auto end = std::min(cookies.find(';'), cookies.size());
        const auto pair = cookies.substr(0, end);
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || withoutBlanks(pair.substr(0, equals)) != name)
            continue;
        if (found) return std::nullopt;
        found = withoutQuotes(withoutBlanks(pair.substr(equals + 1)));
    }
    return found;
}

}  // namespace parley::auth
