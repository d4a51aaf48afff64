#pragma once

#include <cstddef>
#include <string_view>

namespace parley {

/// Digits of six bits each that need no quoting in JSON or URLs (RFC 4648, section 5).
inline constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Six bits' value; npos when it is no digit.
constexpr std::size_t base64UrlValue(char digit) {
    return kBase64Url.find(digit);
}

}  // namespace parley
