#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley::audit {

/// A character of a text.
struct CodePoint {
    char32_t value = 0;
    std::string_view bytes;  ///< in the text
};

/// Takes the first character off `text`. A byte that is no UTF-8 comes as U+FFFD, by itself.
/// REQUIRES: `text` is not empty. Any thread.
inline CodePoint nextCodePoint(std::string_view& text) {
    const auto byteAt = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byteAt(0);
    const std::size_t size = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
    char32_t value = size < 2 ? first : first & (0x7FU >> size);
    bool good = size > 0 && size <= text.size();
    for (std::size_t i = 1; good && i < size; ++i) {
        good = (byteAt(i) & 0xC0U) == 0x80U;
        value = value << 6 | (byteAt(i) & 0x3FU);
    }
    const CodePoint taken{good ? value : U'\uFFFD', text.substr(0, good ? size : 1)};
    text.remove_prefix(taken.bytes.size());
    return taken;
}

/// Whether a character is of a script that is written without blanks, or may be: Han, Kana, Hangul,
/// Thai, Lao, Burmese, Khmer.
constexpr bool isPaired(char32_t c) {
    if (c < 0x0E00) return false;
    const auto in = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
    return in(0x0E00, 0x0EFF) || in(0x1000, 0x109F) || in(0x1780, 0x17FF) || in(0xA9E0, 0xA9FF) ||
           in(0xAA60, 0xAA7F) || in(0x1100, 0x11FF) || in(0x2E80, 0x2FDF) || in(0x3005, 0x3007) ||
           in(0x3041, 0x3096) || in(0x309D, 0x309F) || in(0x30A1, 0x30FA) || in(0x30FC, 0x30FF) ||
           in(0x3131, 0x318E) || in(0x31F0, 0x31FF) || in(0x3400, 0x4DBF) || in(0x4E00, 0x9FFF) ||
           in(0xA960, 0xA97F) || in(0xAC00, 0xD7FF) || in(0xF900, 0xFAFF) || in(0xFF66, 0xFF9F) ||
           in(0x20000, 0x3134F);
}

}  // namespace parley::audit
