#pragma once

#include <optional>
#include <string_view>

/// Where HTTP carries tokens. The views returned point into the argument. Any thread.
namespace parley::auth {

/// The token of a header "Authorization: Bearer TOKEN" (RFC 6750, section 2.1), given the header's
/// value. The scheme's case does not matter. Nothing: it is of another scheme.
std::optional<std::string_view> bearerToken(std::string_view authorization);

/// The value of the cookie `name` in a header "Cookie: a=1; b=2" (RFC 6265, section 4.2), given the
/// header's value; without quotes around it. Nothing: there is none, or more than one.
std::optional<std::string_view> cookieValue(std::string_view cookies, std::string_view name);

}  // namespace parley::auth
