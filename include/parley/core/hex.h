#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Hexadecimal digits. Any thread.
namespace parley {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

/// The value of a digit, upper or lower case; -1: it is none.
constexpr int hexValue(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/// The byte that two digits say; -1: one of them is none.
constexpr int hexByte(char high, char low) {
    const int upper = hexValue(high);
    const int lower = hexValue(low);
    return upper < 0 || lower < 0 ? -1 : upper << 4 | lower;
}

/// Appends two lower-case digits.
inline void appendHex(std::string& out, std::uint8_t byte) {
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
}

/// Two lower-case digits a byte, the first byte first.
inline std::string toHex(std::span<const std::uint8_t> bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto byte : bytes) appendHex(out, byte);
    return out;
}

/// Reads two digits a byte, of either case, into all of `bytes`. False: `text` has another length,
/// or what is no digit; `bytes` then holds anything.
inline bool parseHex(std::string_view text, std::span<std::uint8_t> bytes) {
    if (text.size() != bytes.size() * 2) return false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int byte = hexByte(text[2 * i], text[2 * i + 1]);
        if (byte < 0) return false;
        bytes[i] = static_cast<std::uint8_t>(byte);
    }
    return true;
}

}  // namespace parley
