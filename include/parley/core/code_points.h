#pragma once

#include <cstddef>
#include <string_view>

namespace parley {

/// A character of a text.
struct CodePoint {
    char32_t value = 0;
    std::string_view bytes;  ///< in the text
};

/// Takes the first character off `text`. A byte that is no UTF-8 (RFC 3629) comes as U+FFFD, by
/// itself. REQUIRES: `text` is not empty. Any thread.
inline CodePoint nextCodePoint(std::string_view& text) {
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by size; less is overlong
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
    good = good && value >= kLeast[size] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    const CodePoint taken{good ? value : U'\uFFFD', text.substr(0, good ? size : 1)};
    text.remove_prefix(taken.bytes.size());
    return taken;
}

}  // namespace parley
