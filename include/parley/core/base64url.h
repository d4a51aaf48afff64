#pragma once

#include <cstddef>
#include <string_view>

namespace parley {

/// Digits of six bits each that need no quoting in JSON or URLs (RFC 4648, section 5).
inline constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A digit's value, 0 to 63; npos when it is no digit, as '=' is none: texts here are never padded.
/// Looks through the alphabet: for texts of some tens of characters. Any thread.
constexpr std::size_t base64UrlValue(char digit) {
    return kBase64Url.find(digit);
}

}  // namespace parley
