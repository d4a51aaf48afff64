#include "app/transcript/safe_text.h"

#include <parley/core/utf8.h>

#include <array>
#include <cstdio>

namespace parley::app::transcripts {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

bool isShownByNumber(std::uint32_t point) {
    const bool control =
        (point < 0x20 && point != '\n' && point != '\t') || (point >= 0x7F && point < 0xA0);
    const bool separator = point == 0x2028 || point == 0x2029;
    const bool turns = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    return control || separator || turns || point == 0xFEFF;
}

template <typename Append>
void appendEach(std::string& out, std::string_view text, Append&& append) {
    for (std::size_t at = 0; at < text.size();) {
        const auto [point, bytes] = codePointAt(text, at);
        if (isShownByNumber(point)) {
            std::array<char, 24> number{};
            std::snprintf(number.data(), number.size(), "\u27E8U+%04X\u27E9",
                          static_cast<unsigned>(point));
            out += number.data();
        } else if (point == kReplacement) {
            out += "\uFFFD";  // also of a byte that is no UTF-8
        } else {
            append(point, text.substr(at, bytes));
        }
        at += bytes;
    }
}

}  // namespace

CodePoint codePointAt(std::string_view text, std::size_t at) {
    const auto first = static_cast<std::uint8_t>(text[at]);
    const std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (bytes == 1) return {first, 1};
    const auto letter = text.substr(at, bytes);
    if (!isUtf8(letter)) return {kReplacement, 1};
    auto value = static_cast<std::uint32_t>(first & (0xFF >> (bytes + 1)));
    for (const char more : letter.substr(1)) {
        value = value << 6 | (static_cast<std::uint8_t>(more) & 0x3FU);
    }
    return {value, bytes};
}

void appendHtml(std::string& out, std::string_view text) {
    appendEach(out, text, [&](std::uint32_t point, std::string_view bytes) {
        switch (point) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += bytes;
        }
    });
}

void appendPlain(std::string& out, std::string_view text) {
    appendEach(out, text, [&](std::uint32_t, std::string_view bytes) { out += bytes; });
}

}  // namespace parley::app::transcripts
