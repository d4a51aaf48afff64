#include "app/printable.h"

#include <parley/core/utf8.h>

#include <cstddef>
#include <cstdint>

namespace parley::app {
namespace {

std::size_t lengthOf(char first) {
    const auto byte = static_cast<unsigned char>(first);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::uint32_t codePointOf(std::string_view character) {
    if (character.size() == 1) return static_cast<unsigned char>(character[0]);
    auto value = static_cast<unsigned char>(character[0]) & (0xFFU >> (character.size() + 1));
    for (const char next : character.substr(1)) {
        value = value << 6 | (static_cast<unsigned char>(next) & 0x3FU);
    }
    return value;
}

void appendEscape(std::string& out, std::uint32_t codePoint) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[codePoint >> shift & 0xF];
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto character = text.substr(0, lengthOf(text[0]));
        text.remove_prefix(character.size());
        const bool stays = character == "\n" || character == "\t";
        if (!stays && (hasControlCharacter(character) || hasDeceptiveCharacter(character))) {
            appendEscape(out, codePointOf(character));
        } else {
            out += character;
        }
    }
    return out;
}

}  // namespace parley::app
